"""Gathers what monitoring is told about this host, and leaves it where node_exporter looks."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, Optional

from . import absence, claim, journal, metrics, php_workers, state, status
from .host import Host
from .last_rollout import last_rollout, rejected_at, seconds
from .manifest import MANIFEST, WEB
from .store import Store

FOLDER = "/var/lib/prometheus/node-exporter"
FILE = "evenkeel.prom"
_EVENTS = 400  # of the journal that are looked at


def write(host: Host) -> bool:
    """Write the file in one step; False where this host is not watched. OSError when the disk refuses."""
    folder = host.paths.at(FOLDER)
    if not os.path.isdir(folder):
        return False
    path = os.path.join(folder, FILE)
    new = "%s.%d.new" % (path, os.getpid())
    with contextlib.suppress(FileNotFoundError):
        os.unlink(new)
    try:
        # never synced: after a power cut it is written anew before anybody reads it
        host.disk.write(new, metrics.text(gather(host)).encode())
        os.rename(new, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise
    return True


def gather(host: Host) -> metrics.Facts:
    """What is cheap to know; no file of a release is hashed."""
    store = Store(host)
    current, known_good, pending = store.current_id(), store.known_good_id(), state.load_or_none(host)
    events = journal.read(host, _EVENTS)
    tier, pool = _kind(host, current)
    return metrics.Facts(
        now=host.clock.now(),
        release=current or "",
        known_good=known_good or "",
        tier=tier,
        pool=pool,
        confirmed=pending is None and current == known_good,
        deadline=pending.deadline if pending else 0.0,
        rollout=last_rollout(events),
        rejected_at=rejected_at(events),
        absences=absence.load(host),
        claim=claim.load(host),
        failed_over=tuple(status.failed_over(host)),
        drift=_drift(host),
        workers=php_workers.running(host.paths),
    )


def _kind(host: Host, release: Optional[str]) -> tuple[str, str]:
    """Tier and pool of a release; empty where its manifest cannot be read."""
    try:
        with open(os.path.join(host.paths.release(release or ""), MANIFEST), encoding="utf-8") as stream:
            raw = json.load(stream)
        return str(raw.get("tier", WEB)), str(raw["pool"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return "", ""


def _drift(host: Host) -> Optional[metrics.Drift]:
    """What the last check for drift left; None where there was none."""
    raw = _document(host.paths.at("/var/lib/evenkeel/drift.json"))
    try:
        at = raw["at"]
        found = {str(kind): int(number) for kind, number in raw["kinds"].items()}
        return metrics.Drift(at if isinstance(at, (int, float)) else seconds(at), found)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _document(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            raw = json.load(stream)
    except (OSError, ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}
