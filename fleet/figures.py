"""What the visitors' record says of a part, and of all parts together, in the form of the demo's result. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from demo.client import Visit, summarize
from demo.client.record import GOOD, MARK

from .machine import Effort
from .part import Part, Round

ADDED_UP = ("requests", "failed", "expected_failures", "resent")


def figures(part: Part, rounds: list[Round], visits: Sequence[Visit], effort: Effort, least: int, rate: float) -> dict[str, Any]:
    """One part. It is good when nothing failed, every round was as expected, and enough was asked fast enough."""
    seen = summarize(visits)
    asked = [visit for visit in visits if visit.outcome != MARK]
    seconds = max(visit.until for visit in asked) - min(visit.at for visit in asked) if asked else 0.0
    a_second = seen.requests / seconds if seconds else 0.0
    unexpected = part.surprises(rounds) + too_little(seen.requests, a_second, least, rate)
    took = sorted(visit.took_ms for visit in asked if visit.outcome == GOOD)
    return {
        "name": part.name,
        "outcome": outcome(part, rounds),
        "seconds": round(seconds, 1),
        "failed_requests": seen.failed,
        "message": told(rounds),
        "requests": seen.requests,
        "failed": seen.failed,
        "expected_failures": seen.expected,
        "excuses": dict(seen.excused),
        "resent": seen.resent,
        "classes": dict(seen.classes),
        "requests_per_second": round(a_second, 1),
        "methods": dict(Counter(visit.method for visit in asked)),
        "connections": {"kept": sum(visit.reused for visit in asked), "fresh": sum(not visit.reused for visit in asked)},
        "sites": dict(sorted(seen.sites.items())),
        "milliseconds": slowness(took),
        "rounds": [asdict(one) for one in rounds],
        "machine": asdict(effort),
        "unexpected": unexpected,
        "good": not seen.failed and not unexpected,
    }


def outcome(part: Part, rounds: Sequence[Round]) -> str:
    """What all rounds came to, the rare ones counted."""
    counted = Counter(one.outcome for one in rounds)
    return ", ".join(f"{number} {name}" for name, number in counted.most_common()) or "nothing happened"


def told(rounds: Sequence[Round]) -> str:
    times = sorted(one.seconds for one in rounds)
    last = rounds[-1].message if rounds else ""
    return f"{len(times)} rounds, {times[0]:.1f} to {times[-1]:.1f} s each. The last: {last}" if times else ""


def too_little(requests: int, a_second: float, least: int, rate: float) -> list[str]:
    few = [f"{requests} requests are less than {least}"] if requests < least else []
    slow = [f"{a_second:.0f} requests a second are less than {rate:.0f}"] if a_second < rate else []
    return few + slow


def slowness(took: Sequence[float]) -> dict[str, float]:
    """Of right answers, in milliseconds; `took` is sorted."""
    if not took:
        return {}
    return {"median": statistics.median(took), "p99": took[int(len(took) * 0.99)], "slowest": took[-1]}


def whole(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """All parts that have been measured, as one result."""
    known = list(parts)
    added: dict[str, Any] = {name: sum(part[name] for part in known) for name in ADDED_UP}
    for name in ("excuses", "classes"):
        added[name] = dict(sum((Counter(part[name]) for part in known), Counter()))
    unexpected = [f"{part['name']}: {why}" for part in known for why in part["unexpected"]]
    good = bool(known) and all(part["good"] for part in known)
    return {**added, "scenarios": known, "unexpected": unexpected, "good": good}


def table(result: dict[str, Any]) -> str:
    """What the last screen shows."""
    rows: list[tuple[str, ...]] = [("PART", "OUTCOME", "REQUESTS", "A SECOND", "FAILED", "SLOWEST")]
    rows += [row(part) for part in result["scenarios"]]
    widths = [max(len(one[column]) for one in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(one, widths, strict=True)).rstrip() for one in rows)


def row(part: dict[str, Any]) -> tuple[str, ...]:
    failed = f"{part['failed']}" + (f" (+{part['expected_failures']})" if part["expected_failures"] else "")
    slowest = f"{part['milliseconds'].get('slowest', 0) / 1000:.1f} s"
    return part["name"], part["outcome"], str(part["requests"]), f"{part['requests_per_second']:.0f}", failed, slowest
