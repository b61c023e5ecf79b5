"""The visitors' record: a CSV file with a line for each request, as the load client of the drill writes it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import NamedTuple

GOOD, REPEATED, MARK = "ok", "resent", "mark"


class Visit(NamedTuple):
    """One request. `at` is Unix time of its start; `server` and `release` are empty where the visitor may not know."""

    at: float
    took_s: float
    site: str
    method: str
    path: str
    status: int
    outcome: str
    server: str = ""
    release: str = ""

    @property
    def until(self) -> float:
        return self.at + self.took_s

    @property
    def good(self) -> bool:
        return self.outcome == GOOD

    def line(self) -> str:
        """For a person who looks for it in the record."""
        who = " by %s, release %s" % (self.server or "nobody", self.release or "unknown")
        return "%.3f %s %s%s: %s %d after %.1f s%s" % (
            self.at, self.method, self.site, self.path, self.outcome, self.status, self.took_s, who,
        )  # fmt: skip


def read(lines: Iterable[str]) -> list[Visit]:
    """Every whole line of a record, which may still be growing, in order of time; marks and repeated attempts are left out."""
    whole = [line for line in lines if line.endswith("\n")]
    rows = csv.DictReader(whole)
    found = [_visit(row) for row in rows if row["outcome"] not in (REPEATED, MARK)]
    return sorted(found)


def between(visits: Sequence[Visit], start: float, end: float) -> list[Visit]:
    """Those that were under way at some time from `start` to `end`."""
    return [visit for visit in visits if visit.until >= start and visit.at <= end]


def _visit(row: dict[str, str]) -> Visit:
    return Visit(
        float(row["at"]),
        float(row["took_ms"]) / 1000,
        row["site"],
        row["method"],
        row["path"],
        int(row["status"]),
        row["outcome"],
        row["server"],
        row["release"],
    )
