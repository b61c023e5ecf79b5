"""Whom the watch asks, and what it may do: /etc/evenkeel/watch/watch.json, which the role `watch` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import WatchError

PATH = "/etc/evenkeel/watch/watch.json"
WEB, EDGE = "web", "edge"


@dataclass(frozen=True)
class Watched:
    """One host, by its name in the inventory. `tier` is web or edge; `pool` is the inventory group."""

    name: str
    tier: str
    pool: str


@dataclass(frozen=True)
class Config:
    """`name` is this monitoring host's own; `bake_s`: seconds after a confirm in which a regression is the rollout's."""

    name: str
    hosts: tuple[Watched, ...]
    bake_s: float
    auto_revert: bool
    prometheus: str
    state: Path
    ssh_config: str

    def host(self, name: str) -> Watched | None:
        return next((one for one in self.hosts if one.name == name), None)

    @property
    def balancers(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.hosts if one.tier == EDGE)


def load(path: str = PATH) -> Config:
    """WatchError where the file is not what the role writes."""
    try:
        return parsed(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WatchError("%s cannot be used (%s: %s)" % (path, type(error).__name__, error)) from error


def parsed(raw: Mapping[str, Any]) -> Config:
    """KeyError, TypeError or ValueError where something is missing or wrong."""
    hosts = tuple(Watched(str(one["name"]), str(one["tier"]), str(one["pool"])) for one in raw["hosts"])
    return Config(
        str(raw["name"]),
        hosts,
        float(raw["bake_s"]),
        bool(raw["auto_revert"]),
        str(raw["prometheus"]),
        Path(raw["state"]),
        str(raw["ssh_config"]),
    )
