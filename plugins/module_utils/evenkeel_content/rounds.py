"""The root's part of a run: before it, what nobody else may read; after it, the sites that differ, and what is told of all."""

from __future__ import annotations

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import files, metrics, mounts, protect
from . import lag as lags
from .config import Config, Paths, Site
from .look import EVERY

UNIT = "evenkeel-content@%s.service"


def prepare(config: Config, paths: Paths) -> None:
    """One job a site: its settings links, a loss that was accepted, and whether what is replaced goes aside."""
    settings = protect.settings_of(paths)
    for site in config.copied:
        state = files.read(paths.state(site.name))
        files.write(
            paths.job(site.name),
            {
                "settings": settings.get(site.name, []),
                "accepted": _accepted(paths, site, state),
                "aside": state.get("epoch") != config.epoch,
            },
        )


def fetch(config: Config, paths: Paths) -> None:
    """Starts the unit of every site that differs, and writes down what has come out."""
    seen = files.read(paths.look)
    changed = set(seen.get("changed", ()))
    wanted = [site for site in config.copied if changed & {EVERY, site.name}]
    with ThreadPoolExecutor(config.parallel) as pool:
        list(pool.map(_start, wanted))
    files.write(paths.run_state, _run(config, seen, files.read(paths.run_state), {site.name for site in wanted}))
    tell(config, paths)


def tell(config: Config, paths: Paths) -> list[str]:
    """Writes metrics and whether this host is ready; returns what keeps it from that."""
    run, now = files.read(paths.run_state), time.time()
    doubts = doubts_of(config, paths, now)
    files.write_text(paths.doubts, "".join(doubt + "\n" for doubt in doubts))
    if doubts:
        _remove(paths.ready)
    else:
        files.write_text(paths.ready, "%d\n" % now)
    if os.path.isdir(paths.at(config.metrics_folder)):
        found = metrics.text(copies(config, paths, now), now, not doubts, lags.away_since(run) is None)
        files.write_text(os.path.join(paths.at(config.metrics_folder), metrics.FILE), found)
    return doubts


def doubts_of(config: Config, paths: Paths, now: float) -> list[str]:
    """Why this host should get no visitors; empty when it may."""
    known = mounts.mounted() if config.shared else {}
    found = [mounts.doubt(site, known) for site in config.shared]
    away = lags.away_since(files.read(paths.run_state))
    if not config.is_origin:
        found += [lags.doubt(copy, now, away, config.limit_s) for copy in copies(config, paths, now)]
    return [text for text in found if text]


def copies(config: Config, paths: Paths, now: float) -> list[lags.Copy]:
    """Every site that is copied; at the origin each is as new as can be."""
    if config.is_origin:
        return [lags.Copy(site.name, now, lags.OK, "", 0) for site in config.copied]
    run = files.read(paths.run_state)
    return [lags.copy_of(site.name, files.read(paths.state(site.name)), run) for site in config.copied]


def _accepted(paths: Paths, site: Site, state: dict[str, Any]) -> Any:
    """A loss that was accepted; forgotten once it has been copied."""
    path = paths.accepted(site.name)
    accepted = files.read(path)
    if accepted and state.get("outcome") == lags.OK and state.get("tried_at", 0) > accepted.get("at", 0):
        _remove(path)
        return None
    return accepted or None


def _start(site: Site) -> None:
    """The unit's own state says how it ended."""
    subprocess.run(["systemctl", "start", UNIT % site.name], capture_output=True, check=False)


def _run(config: Config, seen: dict[str, Any], before: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    """`equal` names when each site was last seen without a difference."""
    at, away = seen.get("at", 0.0), bool(seen.get("away"))
    equal = before.get("equal") if isinstance(before.get("equal"), dict) else {}
    fresh = {} if away or config.is_origin else {site.name: at for site in config.copied if site.name not in wanted}
    return {
        "at": at,
        "epoch": config.epoch,
        "message": seen.get("message", ""),
        "away_since": (before.get("away_since") or at) if away else None,
        "equal": {**(equal or {}), **fresh},
    }


def _remove(path: str) -> None:
    if os.path.exists(path):
        os.unlink(path)
