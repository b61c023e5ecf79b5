"""What became of every request: one line each in a CSV file, and what such a file says of a stretch of time."""

from __future__ import annotations

import csv
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TextIO

GOOD = "ok"
REPEATED = "resent"  # an attempt whose request was sent again and has a line of its own
REPEATABLE = ("GET", "HEAD")  # a balancer or a browser may ask again when an answer does not come
MARK = "mark"  # not a request: the name of what happened at that time


class Visit(NamedTuple):
    """One attempt. `at` is Unix time of its start, `status` 0 without an answer, `reused`: over an open connection.

    `server` and `release` answered, as balancers tell trusted probers; empty where they did not say.
    """

    at: float
    backend: str
    site: str
    method: str
    path: str
    status: int
    outcome: str
    took_ms: float
    reused: bool
    server: str = ""
    release: str = ""

    @property
    def until(self) -> float:
        return self.at + self.took_ms / 1000


class Outage(NamedTuple):
    """A stretch of time in which something had no power: what fails there and then is counted, but apart.

    With `forms_only`, somebody was there to ask again elsewhere, so that only what must not be sent twice may fail.
    """

    backend: str
    start: float
    end: float
    why: str = "no power"
    forms_only: bool = False

    def covers(self, visit: Visit) -> bool:
        meets = visit.backend == self.backend and visit.until >= self.start and visit.at <= self.end
        return meets and not (self.forms_only and visit.method in REPEATABLE)


@dataclass
class Summary:
    """`failed` counts what should not have failed, `excused` what had to, by the reason."""

    requests: int = 0
    failed: int = 0
    excused: Counter[str] = field(default_factory=Counter)
    resent: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)
    slowest_ms: float = 0.0

    @property
    def expected(self) -> int:
        return self.excused.total()

    def add(self, visit: Visit, excuse: str = "") -> None:
        if visit.outcome == REPEATED:
            self.resent += 1
            return
        self.requests += 1
        self.sites[visit.site] += 1
        if visit.outcome == GOOD:
            self.slowest_ms = max(self.slowest_ms, visit.took_ms)
        elif excuse:
            self.excused[excuse] += 1
        else:
            self.failed += 1
            self.classes[visit.outcome] += 1


class Record:
    """Takes visits from many threads and writes each down. `flush` before somebody else reads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rows = csv.writer(stream, lineterminator="\n")
        self._lock = threading.Lock()
        self._rows.writerow(Visit._fields)

    def add(self, visits: Iterable[Visit]) -> None:
        with self._lock:
            for visit in visits:
                self._rows.writerow(visit._replace(at=round(visit.at, 4), reused=int(visit.reused)))  # type: ignore[arg-type]

    def mark(self, at: float, name: str) -> None:
        self.add([Visit(at, "", "", "", name, 0, MARK, 0.0, False)])
        self.flush()

    def flush(self) -> None:
        with self._lock:
            self._stream.flush()


def read(path: Path) -> list[Visit]:
    """Every whole line of a record that may still be growing."""
    with path.open(encoding="utf-8", newline="") as stream:
        lines = [line for line in stream if line.endswith("\n")]
    return [parse(row) for row in csv.reader(lines[1:])]


def parse(row: list[str]) -> Visit:
    at, backend, site, method, path, status, outcome, took_ms, reused, server, release = row
    return Visit(float(at), backend, site, method, path, int(status), outcome, float(took_ms), reused == "1", server, release)


def failures(visits: Iterable[Visit]) -> list[Visit]:
    return [visit for visit in visits if visit.outcome not in (GOOD, REPEATED, MARK)]


def summarize(visits: Iterable[Visit], start: float = 0.0, end: float = float("inf"), outages: Iterable[Outage] = ()) -> Summary:
    """What happened to the requests that began from `start` until before `end`."""
    summary, excuses = Summary(), tuple(outages)
    for visit in visits:
        if start <= visit.at < end and visit.outcome != MARK:
            summary.add(visit, next((outage.why for outage in excuses if outage.covers(visit)), ""))
    return summary


def windows(
    visits: Iterable[Visit], seconds: float, key: Callable[[Visit], str] = lambda visit: visit.site
) -> dict[tuple[int, str], Summary]:
    """The same for every `seconds` and each site (or what `key` says); the number counts windows since 1970."""
    table: dict[tuple[int, str], Summary] = {}
    for visit in visits:
        if visit.outcome != MARK:
            table.setdefault((int(visit.at // seconds), key(visit)), Summary()).add(visit)
    return table


def silence_s(visits: Iterable[Visit], start: float = 0.0, end: float = float("inf")) -> float:
    """The longest time between `start` and `end` in which nobody got a right answer."""
    answered = sorted(visit.until for visit in visits if visit.outcome == GOOD and start <= visit.until <= end)
    return max((after - before for before, after in itertools.pairwise(answered)), default=end - start)


def first_answers_s(visits: Iterable[Visit], since: float) -> dict[str, float]:
    """For each site, the seconds from `since` until somebody who asked after it had a right answer."""
    first: dict[str, float] = {}
    for visit in visits:
        if visit.outcome == GOOD and visit.at >= since:
            first[visit.site] = min(first.get(visit.site, float("inf")), visit.until - since)
    return first
