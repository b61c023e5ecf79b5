"""What must hold after a round, read from what every visitor got and what every host says. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from plugins.module_utils.evenkeel_drill.judge import Strike, lost
from plugins.module_utils.evenkeel_drill.visits import Visit

SHOWN = 10  # offending records that a person is shown
NEVER = float("inf")
UNKNOWN_SHARE = 0.5  # of the right answers, at most, may hide who gave them


@dataclass(frozen=True)
class History:
    """One round as it was. `hosts` is what each web host says in the end, with its journal; `active` are those that must agree.

    `patience` widens the windows of the faults.
    """

    visits: Sequence[Visit]
    strikes: Sequence[Strike]
    hosts: Mapping[str, Mapping[str, Any]]
    active: Sequence[str]
    patience: float = 1.0


@dataclass(frozen=True)
class Violation:
    """What does not hold, and the records that say so."""

    rule: str
    text: str
    records: tuple[str, ...] = ()


def check(history: History) -> list[Violation]:
    return [*_lost(history), *_unproved(history), *_unsigned(history), *_ending(history)]


def _lost(history: History) -> Iterator[Violation]:
    """No lost request outside the windows of the faults."""
    found = lost(history.visits, history.strikes, history.patience)
    if found:
        yield Violation("lost", f"{len(found)} requests failed that no fault excuses", _lines(found))


def _unproved(history: History) -> Iterator[Violation]:
    """No answer from a release that its host had not proved by then."""
    proved = {host: _proofs(status) for host, status in history.hosts.items() if status}
    early = [
        visit
        for visit in history.visits
        if visit.release and visit.server in proved and visit.until < proved[visit.server].get(visit.release, NEVER)
    ]
    if early:
        releases = ", ".join(sorted({visit.release for visit in early}))
        yield Violation("unproved", f"{len(early)} answers came from {releases}, not proved there by then", _lines(early))


def _unsigned(history: History) -> Iterator[Violation]:
    """Who sees no names checks nothing: then the balancers do not take the visitor for a prober."""
    good = [visit for visit in history.visits if visit.good]
    unsigned = [visit for visit in good if not (visit.release and visit.server)]
    if not good or len(unsigned) > UNKNOWN_SHARE * len(good):
        yield Violation("unsigned", f"{len(unsigned)} of {len(good)} answers do not say who gave them", _lines(unsigned))


def _ending(history: History) -> Iterator[Violation]:
    """One release, confirmed, on every active host."""
    ends = {host: history.hosts.get(host) or {} for host in history.active}
    silent = [host for host, status in ends.items() if not status]
    if silent:
        yield Violation("ending", f"{', '.join(silent)} does not say what it serves")
    for host, status in ends.items():
        if status and not status.get("confirmed"):
            waits = f", waiting for {status['pending']}" if status.get("pending") else ""
            yield Violation("ending", f"{host} ends with {status.get('current')}, which nobody confirmed{waits}")
        if status.get("down"):
            yield Violation("ending", f"on {host} {', '.join(status['down'])} does not run")
    currents = {host: str(status.get("current")) for host, status in ends.items() if status}
    if len(set(currents.values())) > 1:
        yield Violation("ending", f"hosts end with different releases: {currents}")


def _proofs(status: Mapping[str, Any]) -> dict[str, float]:
    """When each release was first proved, or was there from the beginning: Unix time, rounded down as journals do."""
    found: dict[str, float] = {}
    for event in status.get("journal", ()):
        if event["event"] in ("proved", "genesis"):
            found.setdefault(str(event["release"]), moment(str(event["at"])))
    return found


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC).timestamp()


def _lines(visits: Sequence[Visit]) -> tuple[str, ...]:
    more = (f"and {len(visits) - SHOWN} more",) if len(visits) > SHOWN else ()
    return (*(visit.line() for visit in visits[:SHOWN]), *more)
