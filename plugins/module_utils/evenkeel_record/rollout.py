"""One rollout, as its journal tells it. Pure: events in, a value out; a journal that is torn gives what it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .values import count, counts, mappings, moment, number, pairs, text, texts, words

OUTCOMES = ("published", "unchanged", "rejected", "reverted", "revert_failed", "done", "failed")
INTERRUPTED = "interrupted"
RUNNING = "running"

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Phase:
    """What one host did; `began` and `ended` are seconds since 1970."""

    phase: str
    title: str
    host: str
    began: float
    ended: float
    changed: bool
    ok: bool
    outcome: str
    message: str

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(frozen=True)
class Reason:
    """One thing that was not as it must be; `site` is "" for the pool, `cause` lines of the server's log."""

    site: str
    probe: str
    url: str
    expected: str
    got: str
    guard: str
    cause: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """What went wrong on one host; `more` reasons were not written down."""

    at: float
    host: str
    phase: str
    outcome: str
    message: str
    reasons: tuple[Reason, ...]
    more: int


@dataclass(frozen=True)
class Diff:
    """How one file differs, or in `note` why that is not shown; `site` is "" for the pool."""

    site: str
    path: str
    diff: str
    note: str


@dataclass(frozen=True)
class LeftOut:
    """Sites and files whose differences are not told, and why."""

    sites: int
    files: int
    why: str


@dataclass(frozen=True)
class Change:
    """What the release changes; `sites` is how many it has."""

    pool: str
    tier: str
    release: str
    before: str
    sites: int
    touched: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Requests:
    """Of visitors, as the balancers counted them during the rollout; `hosts` has both figures by who answered.

    `before` has both since the balancers began: a page that says maintenance with a 503 is a failure to them, so that only
    the two together tell what a rollout cost.
    """

    asked: int
    failed: int
    hosts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    before: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Rollout:
    """`change` and `requests` are None where nobody said; `ended` is the last thing that is known where there was no end."""

    environment: str
    rollout: str
    playbook: str
    actor: str
    commit: str
    options: Mapping[str, str]
    began: float
    ended: float
    outcome: str
    release: str
    message: str
    held_back: tuple[str, ...]
    change: Change | None
    diffs: tuple[Diff, ...]
    left_out: tuple[LeftOut, ...]
    phases: tuple[Phase, ...]
    failures: tuple[Failure, ...]
    requests: Requests | None

    @property
    def seconds(self) -> float:
        return max(0.0, self.ended - self.began)

    @property
    def touched(self) -> tuple[str, ...]:
        return self.change.touched if self.change else ()

    @property
    def hosts(self) -> list[str]:
        """All that did something, in the order in which they began."""
        return list(dict.fromkeys([*(one.host for one in self.phases), *(one.host for one in self.failures)]))


def from_events(events: Sequence[Event], running: bool = False) -> Rollout:
    """`running`: somebody still writes the journal, so that it is not over where it ends."""
    begin, end, changes, requests = (last(events, name) for name in ("begin", "end", "release", "requests"))
    moments = [at for at in map(moment, events) if at]
    began = moment(begin) or min(moments, default=0.0)
    change = change_of(changes) if changes else None
    return Rollout(
        **words(begin, "environment", "rollout", "playbook", "actor", "commit"),
        options=pairs(begin, "options"),
        began=began,
        ended=moment(end) or max(moments, default=began),
        outcome=outcome(end, running),
        release=text(end, "release") or (change.release if change else ""),
        message=text(end, "message"),
        held_back=texts(end, "held_back"),
        change=change,
        diffs=tuple(diff_of(event) for event in kind(events, "diff")),
        left_out=tuple(LeftOut(count(one, "sites"), count(one, "files"), text(one, "why")) for one in kind(events, "more")),
        phases=tuple(phase_of(event) for event in kind(events, "phase")),
        failures=tuple(failure_of(event) for event in kind(events, "failure")),
        requests=requests_of(requests) if requests else None,
    )


def outcome(end: Event, running: bool) -> str:
    if not end:
        return RUNNING if running else INTERRUPTED
    said = text(end, "outcome")
    return said if said in OUTCOMES else "failed"


def kind(events: Iterable[Event], name: str) -> list[Event]:
    return [event for event in events if event.get("event") == name]


def last(events: Iterable[Event], name: str) -> Event:
    """Empty where there is none."""
    found = kind(events, name)
    return found[-1] if found else {}


def change_of(event: Event) -> Change:
    return Change(
        **words(event, "pool", "tier", "release", "before"),
        sites=count(event, "sites"),
        touched=texts(event, "touched"),
        added=texts(event, "added"),
        removed=texts(event, "removed"),
    )


def requests_of(event: Event) -> Requests:
    before = counts({"both": {"all": event.get("before")}}, "both").get("all", (0, 0))
    return Requests(count(event, "asked"), count(event, "failed"), counts(event, "hosts"), before)


def diff_of(event: Event) -> Diff:
    return Diff(**words(event, "site", "path", "diff", "note"))


def phase_of(event: Event) -> Phase:
    ended = moment(event)
    return Phase(
        **words(event, "phase", "title", "host", "outcome", "message"),
        began=ended - max(0.0, number(event, "seconds")),
        ended=ended,
        changed=event.get("changed") is True,
        ok=event.get("ok") is not False,
    )


def failure_of(event: Event) -> Failure:
    return Failure(
        at=moment(event),
        **words(event, "host", "phase", "outcome", "message"),
        reasons=tuple(reason_of(one) for one in mappings(event, "failures")),
        more=count(event, "more"),
    )


def reason_of(one: Event) -> Reason:
    return Reason(**words(one, "site", "probe", "url", "expected", "got", "guard"), cause=texts(one, "cause"))
