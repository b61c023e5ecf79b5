"""Where the bars of a timeline stand: a row a host, left and width in percent of the rollout's time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .done import CONTROLLER
from .moment import span_text
from .rollout import Phase, Rollout

NARROWEST = 0.6  # percent: what took no time is seen, too
TICKS = 4
# what a bar is called, by its phase; what an engine said of its outcome goes before
KINDS = {
    "compile": "compile",
    "compile_edge": "compile",
    "prepare": "prove",
    "agree": "prove",
    "begin": "drain",
    "ask": "drain",
    "judge": "drain",
    "verified": "verify",
    "drain": "drain",
    "live": "live",
    "hear": "verify",
    "soak": "soak",
    "settle": "confirm",
    "end": "drain",
}
OUTCOMES = {"proved": "prove", "live": "live", "confirmed": "confirm", "reverted": "revert", "revert_failed": "revert"}
# one phase does several things: these are what their titles begin with
TITLES = {"Put back": "revert", "Let go": "drain"}
ORDER = ("compile", "prove", "drain", "live", "verify", "soak", "confirm", "revert", "other", "failed")


@dataclass(frozen=True)
class Bar:
    """`left` and `width` in percent; `label` is what it says when pointed at."""

    kind: str
    left: float
    width: float
    label: str


@dataclass(frozen=True)
class Row:
    """`summary` says in words what the bars show."""

    host: str
    bars: tuple[Bar, ...]
    busy: str
    failed: bool


def rows(rollout: Rollout) -> list[Row]:
    """The controller first, then hosts by name, each with its phases in time."""
    hosts = sorted(rollout.hosts, key=lambda host: (host != CONTROLLER, host))
    phases: dict[str, list[Phase]] = {host: [] for host in hosts}
    for one in rollout.phases:
        phases[one.host].append(one)
    failed = {one.host for one in rollout.failures}
    return [row(host, phases[host], rollout, host in failed) for host in hosts]


def row(host: str, phases: Sequence[Phase], rollout: Rollout, failed: bool) -> Row:
    bars = tuple(bar(one, rollout.began, rollout.seconds) for one in sorted(phases, key=lambda one: one.began))
    return Row(host, bars, span_text(busy(phases)), failed)


def busy(phases: Sequence[Phase]) -> float:
    """Seconds in which at least one of them went on."""
    total, until = 0.0, 0.0
    for one in sorted(phases, key=lambda one: one.began):
        total += max(0.0, one.ended - max(one.began, until))
        until = max(until, one.ended)
    return total


def bar(one: Phase, began: float, length: float) -> Bar:
    whole = max(length, 0.001)
    left = min(max(0.0, 100 * (one.began - began) / whole), 100 - NARROWEST)
    width = min(max(NARROWEST, 100 * one.seconds / whole), 100 - left)
    at = span_text(one.began - began)
    return Bar(kind(one), round(left, 2), round(width, 2), f"{one.phase}: {one.title}, {span_text(one.seconds)}, from {at}")


def kind(one: Phase) -> str:
    if not one.ok:
        return "failed"
    titled = next((name for start, name in TITLES.items() if one.title.startswith(start)), "")
    return OUTCOMES.get(one.outcome) or titled or KINDS.get(one.phase, "other")


def kinds(found: Sequence[Row]) -> list[str]:
    """Those that there are, for the legend."""
    seen = {one.kind for each in found for one in each.bars}
    return [name for name in ORDER if name in seen]


def ticks(length: float) -> list[str]:
    return [span_text(length * i / TICKS) for i in range(TICKS + 1)] if length > 0 else []
