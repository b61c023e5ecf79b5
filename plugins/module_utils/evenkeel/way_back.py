"""What a rollout that was confirmed on this host replaced, by the host's journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from .last_rollout import seconds

EVENTS = 400  # of the journal that are looked at
REGRESSION = "regression"  # somebody who watches has seen that a rollout broke sites after it was confirmed
ARMED, CONFIRMED = "armed", "confirmed"
_TRUSTED = (CONFIRMED, "reverted", "recovered")  # not genesis: it serves nobody's content, so nobody goes back there


@dataclass(frozen=True)
class Confirmed:
    """The rollout that was confirmed last: its release, and the one that was trusted before, and `since` when.

    Times are seconds since 1970.
    """

    rollout: str
    release: str
    previous: str
    since: float
    begun: float
    at: float


def confirmed(events: Iterable[Mapping[str, Any]]) -> Optional[Confirmed]:
    """Of `events`, the oldest first. None when this host went anywhere else since, or nothing was there before."""
    found: Optional[Confirmed] = None
    trusted, since, begun = "", 0.0, 0.0
    for event in events:
        kind, release, at = event.get("event"), str(event.get("release", "")), seconds(event.get("at"))
        if kind == ARMED:
            begun = at
        if kind not in _TRUSTED:
            continue
        if kind == CONFIRMED and trusted and release != trusted:
            found = Confirmed(str(event.get("rollout", "")), release, trusted, since, begun or at, at)
        elif kind != CONFIRMED:
            found = None
        trusted, since = release, since if release == trusted else at
    return found


def regression(events: Iterable[Mapping[str, Any]]) -> str:
    """What was seen last of a rollout that broke sites; empty once another one was confirmed."""
    found = ""
    for event in events:
        if event.get("event") == REGRESSION:
            found = str(event.get("message", ""))
        elif event.get("event") == CONFIRMED:
            found = ""
    return found


def noted(events: Iterable[Mapping[str, Any]], rollout: str) -> bool:
    """Whether somebody has seen already that it broke sites."""
    return any(event.get("event") == REGRESSION and event.get("rollout") == rollout for event in events)


def regressed(events: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Releases that broke sites after their confirm, unless they were confirmed once more since: nobody is to be sent there."""
    found: set[str] = set()
    for event in events:
        release = str(event.get("release", ""))
        if event.get("event") == REGRESSION:
            found.add(release)
        elif event.get("event") == CONFIRMED:
            found.discard(release)
    return frozenset(found - {""})
