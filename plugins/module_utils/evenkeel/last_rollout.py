"""Which rollout changed this host last, and what came of it, read out of the journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Optional

LIVE = "live"
OUTCOMES = {
    "armed": LIVE,
    "live": LIVE,
    "confirmed": "published",
    "reverted": "reverted",
    "recovered": "reverted",
    "revert_failed": "revert_failed",
}
REJECTED = "rejected"
OVERDUE = "overdue"  # the next revert is this rollout's, although the host's own timer does it


@dataclass(frozen=True)
class LastRollout:
    """`at` is seconds since 1970; `sites` are the first few of those it touched, `touched` is how many there were."""

    rollout: str
    actor: str
    commit: str
    release: str
    outcome: str
    at: float
    sites: tuple[str, ...] = ()
    touched: int = 0


def last_rollout(events: Iterable[Mapping[str, Any]]) -> Optional[LastRollout]:
    """Of `events`, the oldest first. A rejected candidate changed nothing, so it is not looked at."""
    found: Optional[LastRollout] = None
    overdue = False
    for event in events:
        kind = str(event.get("event"))
        if kind in OUTCOMES:
            found = _after(found, event, overdue)
        overdue = kind == OVERDUE
    return found


def rejected_at(events: Iterable[Mapping[str, Any]]) -> float:
    """When a candidate was rejected last, in seconds since 1970; 0 where none was."""
    return max((seconds(event.get("at")) for event in events if event.get("event") == REJECTED), default=0.0)


def _after(found: Optional[LastRollout], event: Mapping[str, Any], overdue: bool) -> LastRollout:
    """What is known once `event` has happened."""
    rollout, actor, commit, release = (str(event.get(name, "")) for name in ("rollout", "actor", "commit", "release"))
    outcome, at = OUTCOMES[str(event["event"])], seconds(event.get("at"))
    if found is not None and (overdue or rollout == found.rollout):
        known = replace(found, release=release, outcome=outcome, at=at)
    else:
        known = LastRollout(rollout, actor, commit, release, outcome, at)
    sites = event.get("sites")
    if not isinstance(sites, list):
        return known
    return replace(known, sites=tuple(str(site) for site in sites), touched=_count(event.get("touched"), len(sites)))


def _count(value: Any, least: int) -> int:
    return value if isinstance(value, int) and value >= least else least


def seconds(at: Any) -> float:
    """A point in time as the journal spells it (`moment.timestamp`); 0 for anything else."""
    try:
        point = datetime.fromisoformat(str(at).replace("Z", "+00:00"))  # strptime is slow, and slow to load
    except ValueError:
        return 0.0
    return point.timestamp() if point.utcoffset() is not None else 0.0
