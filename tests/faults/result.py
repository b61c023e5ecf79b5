"""What became of each fault, as data and as a table. The test of today: `apache2 -t`, and `haproxy -c` for balancers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.faults.collection import CLASSES, Fault

BROKEN = "broken"
_FIELDS = (
    *("id", "class", "refused", "guard", "lost_requests", "named_cause", "seconds"),
    *("outcome", "plain", "requests", "message"),
)
REFUSED = ("rejected", "reverted", "revert_failed", "compile")


@dataclass(frozen=True)
class Result:
    """`guard` is the first that spoke; `plain` says whether the test of today alone would have refused. Seconds are wall time."""

    id: str
    kind: str
    outcome: str
    guard: str
    lost_requests: int
    named_cause: bool
    seconds: float
    plain: bool
    message: str
    requests: int = 0

    @property
    def refused(self) -> bool:
        return self.outcome in REFUSED

    @property
    def broken(self) -> bool:
        return self.outcome == BROKEN

    def document(self) -> dict[str, Any]:
        made = {**asdict(self), "class": self.kind, "refused": self.refused}
        return {name: made[name] for name in _FIELDS}


def untried(fault: Fault, why: object) -> Result:
    """A fault that could not be tried: its file holds a mistake, this fleet has no such thing, or no host is fit any more."""
    return Result(fault.id, fault.kind, BROKEN, "", 0, False, 0.0, False, str(why))


def guard_of(found: Mapping[str, Any]) -> str:
    """The guard whose failure the message tells first."""
    if found["outcome"] not in REFUSED:
        return ""
    if found["outcome"] != "rejected":
        return {"compile": "compile"}.get(found["outcome"], "live")
    failures = (found.get("verdict") or {}).get("failures") or []
    told = [failure for failure in failures if failure["got"] in found["message"]]
    return str(min(told, key=lambda failure: found["message"].index(failure["got"]))["guard"]) if told else "engine"


def is_named(message: str, paths: Iterable[str], owners: Iterable[str]) -> bool:
    """The message names an edited file, or the site that it belongs to."""
    return any(path in message for path in paths) or any(owner in message for owner in owners)


def summary(results: Iterable[Result]) -> dict[str, dict[str, int]]:
    """By class; what did not fit this fleet is counted apart."""
    made: dict[str, dict[str, int]] = {}
    for result in results:
        counts = made.setdefault(
            result.kind,
            {"total": 0, "refused": 0, "lost_requests": 0, "named_cause": 0, "plain_configtest": 0, "broken": 0},
        )
        if result.broken:
            counts["broken"] += 1
            continue
        counts["total"] += 1
        counts["refused"] += result.refused
        counts["lost_requests"] += result.lost_requests
        counts["named_cause"] += result.refused and result.named_cause
        counts["plain_configtest"] += result.plain
    return dict(sorted(made.items()))


def write(results: list[Result], folder: Path) -> None:
    """result.json and table.md."""
    ordered = sorted(results, key=lambda result: (result.kind, result.id))
    document = {"summary": summary(ordered), "faults": [result.document() for result in ordered]}
    (folder / "result.json").write_text(json.dumps(document, indent=1) + "\n")
    (folder / "table.md").write_text(table(ordered))


def table(results: list[Result]) -> str:
    """By class beside the plain configtest, then every fault."""
    rows = ["| class | faults | configtest refuses | Evenkeel refuses | cause named | requests lost |"]
    rows.append("|---|---|---|---|---|---|")
    for kind, counts in summary(results).items():
        rows.append(
            f"| {kind}: {CLASSES[kind]} | {counts['total']} | {counts['plain_configtest']} | {counts['refused']} "
            f"| {counts['named_cause']} | {counts['lost_requests']} |"
        )
    rows += ["", "| id | configtest | Evenkeel | guard | cause named | lost | seconds |", "|---|---|---|---|---|---|---|"]
    for result in results:
        rows.append(
            f"| {result.id} | {'refuses' if result.plain else 'OK'} | {result.outcome} | {result.guard} "
            f"| {'yes' if result.named_cause else 'no'} | {result.lost_requests} | {result.seconds:.1f} |"
        )
    return "\n".join(rows) + "\n"
