"""What must hold after a round, read from what every visitor got and what every host says. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from plugins.module_utils.evenkeel_drill.judge import Strike, lost
from plugins.module_utils.evenkeel_drill.visits import Visit

from .look import Look, Status

SHOWN = 10  # offending records that a person is shown
NEVER = float("inf")
UNKNOWN_SHARE = 0.5  # of the right answers, at most, may hide who gave them


@dataclass(frozen=True)
class History:
    """One round as it was, with what all hosts say in the end. `patience` widens the windows of the faults."""

    visits: Sequence[Visit]
    strikes: Sequence[Strike]
    ended: Look
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
    proved = {host: _proofs(status) for host, status in history.ended.webs.items() if status}
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
    """One release, confirmed, on every active host, and nothing left to do."""
    ended = history.ended
    everybody = {**ended.webs, **ended.balancers}
    silent = [host for host, status in everybody.items() if not status]
    if silent:
        yield Violation("ending", f"{', '.join(silent)} does not say how it is")
    for host in ended.active:
        yield from _unconfirmed(host, ended.webs[host])
    for host, status in everybody.items():
        yield from _unfinished(host, status)
    currents = {host: str(ended.webs[host].get("current")) for host in ended.active if ended.webs[host]}
    if len(set(currents.values())) > 1:
        yield Violation("ending", f"hosts end with different releases: {currents}")
    if not ended.in_rotation:
        yield Violation("ending", f"a host gets no visitors, or no balancer has the address: {_rotation(ended)}")


def _unconfirmed(host: str, status: Status) -> Iterator[Violation]:
    if status and not status.get("confirmed"):
        waits = f", waiting for {status['pending']}" if status.get("pending") else ""
        yield Violation("ending", f"{host} ends with {status.get('current')}, which nobody confirmed{waits}")


def _unfinished(host: str, status: Status) -> Iterator[Violation]:
    if status.get("down"):
        yield Violation("ending", f"on {host} {', '.join(status['down'])} does not run")
    if status.get("claim"):
        yield Violation("ending", f"{host} is still held by rollout {status['claim']['rollout']}")
    for name, absent in status.get("absent", {}).items():
        yield Violation("ending", f"{host} still keeps visitors from {name}: {absent['why']}")


def _rotation(ended: Look) -> dict[str, dict[str, object]]:
    return {host: {"holds": one.get("holds"), **one.get("servers", {})} for host, one in ended.balancers.items()}


def _proofs(status: Status) -> dict[str, float]:
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
