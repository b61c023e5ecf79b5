"""What came of the evening: what was expected, what happened, and whether the two are the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .client import Outage, Summary, Visit, summarize

REJECTED, REVERTED, PUBLISHED, RECOVERED = "rejected", "reverted", "published", "recovered"
SURVIVED, ADDED, CARRIED = "survived", "added", "carried by backups"


@dataclass(frozen=True)
class Scenario:
    """One scenario as it went. `start` and `end` are Unix times; `outages` say what had to fail."""

    name: str
    expected: str
    outcome: str
    message: str
    start: float
    end: float
    doubts: tuple[str, ...] = ()
    outages: tuple[Outage, ...] = ()
    incident: str = ""

    @property
    def seconds(self) -> float:
        return round(self.end - self.start, 1)

    @property
    def surprises(self) -> list[str]:
        """Why this is not what should have happened; empty when it is."""
        wrong = [] if self.outcome == self.expected else [f"{self.outcome} instead of {self.expected}"]
        return [f"{self.name}: {why}" for why in [*wrong, *self.doubts]]


@dataclass(frozen=True)
class Line:
    """A scenario in the result file."""

    name: str
    outcome: str
    seconds: float
    failed_requests: int
    message: str
    expected_failures: int = 0
    incident: str = ""


@dataclass(frozen=True)
class Result:
    """The whole demo: `failed` counts what should not have failed, `expected_failures` what had to, `excuses` why."""

    requests: int
    failed: int
    expected_failures: int
    excuses: dict[str, int]
    resent: int
    classes: dict[str, int]
    scenarios: tuple[Line, ...]
    unexpected: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.failed and not self.unexpected and self.requests > 0

    def save(self, path: Path) -> None:
        document: dict[str, Any] = {**asdict(self), "good": self.good}
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def judge(scenarios: Sequence[Scenario], visits: Iterable[Visit]) -> Result:
    """Every request of the stream belongs to the scenario during which it began."""
    known = list(visits)
    outages = [outage for scenario in scenarios for outage in scenario.outages]
    total = summarize(known, outages=outages)
    return Result(
        requests=total.requests,
        failed=total.failed,
        expected_failures=total.expected,
        excuses=dict(total.excused),
        resent=total.resent,
        classes=dict(total.classes),
        scenarios=tuple(line(scenario, summarize(known, scenario.start, scenario.end, outages)) for scenario in scenarios),
        unexpected=tuple(why for scenario in scenarios for why in scenario.surprises),
    )


def line(scenario: Scenario, seen: Summary) -> Line:
    said = (scenario.name, scenario.outcome, scenario.seconds, seen.failed, scenario.message)
    return Line(*said, expected_failures=seen.expected, incident=scenario.incident)


def table(result: Result) -> str:
    """What the last screen shows."""
    rows = [("SCENARIO", "OUTCOME", "SECONDS", "FAILED REQUESTS")]
    rows += [(one.name, one.outcome, f"{one.seconds:.1f}", failed_words(one)) for one in result.scenarios]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join([row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].rjust(widths[2]), row[3]]) for row in rows]
    return "\n".join(lines)


def failed_words(one: Line) -> str:
    power = f" (and {one.expected_failures} that nothing could answer)" if one.expected_failures else ""
    return f"{one.failed_requests}{power}"


def verdict(result: Result) -> str:
    """The last paragraph: good or not, and why."""
    counted = f"{result.requests} requests, {result.failed} failed"
    if result.failed:
        counted += " (" + ", ".join(f"{number} {name}" for name, number in sorted(result.classes.items())) + ")"
    for why, number in sorted(result.excuses.items()):
        counted += f"; {number} more {why}"
    if result.resent:
        counted += f"; {result.resent} met a connection that was just being closed and were sent again, as browsers do"
    return "\n".join([counted + ".", *result.unexpected])
