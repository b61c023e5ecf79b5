"""What the status page shows, and to whom: /etc/evenkeel/watch/status_page.json, which the role `status_page` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import WatchError

PATH = "/etc/evenkeel/watch/status_page.json"
SHORTEST_SECRET = 20


@dataclass(frozen=True)
class PageConfig:
    """`name` is the page's host name, `pools` titles by pool, `sites` pools by site, `public_sites` those that all may see.

    `interval_s` are the seconds between two visits of monitoring to a site; `secret` makes
    customers' links, none where it is empty.
    """

    name: str
    title: str
    contact: str
    pools: Mapping[str, str]
    sites: Mapping[str, str]
    public_sites: tuple[str, ...]
    interval_s: float
    secret: str


def load(path: str = PATH) -> PageConfig:
    """WatchError where the file is not what the role writes; it never shows what stands there."""
    try:
        return parsed(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WatchError("%s cannot be used (%s)" % (path, type(error).__name__)) from None


def parsed(raw: Mapping[str, Any]) -> PageConfig:
    """ValueError for a secret that could be guessed, among others."""
    secret = str(raw["secret"])
    if 0 < len(secret) < SHORTEST_SECRET:
        raise ValueError("the secret is too short")
    pools = {str(name): str(title) for name, title in raw["pools"].items()}
    sites = {str(site): str(pool) for site, pool in raw["sites"].items()}
    public = tuple(str(site) for site in raw["public_sites"])
    return PageConfig(
        str(raw["name"]), str(raw["title"]), str(raw["contact"]), pools, sites, public, float(raw["interval_s"]), secret
    )
