"""What many samples say: medians, ratios, and a straight line through them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Protocol

OURS = "evenkeel"
MEASURES = ("wall_s", "controller_cpu_s", "host_cpu_s", "bytes_sent")
FAR = ((20_000, 1), (1_000, 500), (20_000, 500))  # (sites, hosts) that nobody measured


class Timed(Protocol):
    @property
    def key(self) -> tuple[str, int, int, str]: ...

    @property
    def observed(self) -> bool: ...


@dataclass(frozen=True)
class Median:
    """The middle of all comparable runs of one contender in one case."""

    contender: str
    sites: int
    hosts: int
    case: str
    runs: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class Fit:
    """seconds = fixed + per_site * sites + per_host * hosts + per_both * sites * hosts; terms that were not varied are 0."""

    fixed: float
    per_site: float
    per_host: float
    per_both: float
    error: float  # largest relative distance of a point from the fit

    def at(self, sites: int, hosts: int) -> float:
        return self.fixed + self.per_site * sites + self.per_host * hosts + self.per_both * sites * hosts


def medians(samples: Iterable[Timed]) -> list[Median]:
    """One for each contender, size, number of hosts and case, in the order of their first samples."""
    groups: dict[tuple[str, int, int, str], list[Timed]] = {}
    for sample in samples:
        if not sample.observed:
            groups.setdefault(sample.key, []).append(sample)
    return [
        Median(*key, len(found), {name: median(getattr(sample, name) for sample in found) for name in MEASURES})
        for key, found in groups.items()
    ]


def ratios(found: Iterable[Median], measure: str = "wall_s") -> dict[str, dict[str, dict[str, float]]]:
    """Ours to each other contender's: {contender: {"1000x1": {case: ratio}}}. Small is good."""
    by_key = {(m.contender, m.sites, m.hosts, m.case): m.values[measure] for m in found}
    result: dict[str, dict[str, dict[str, float]]] = {}
    for (contender, sites, hosts, case), theirs in by_key.items():
        ours = by_key.get((OURS, sites, hosts, case))
        if contender != OURS and ours is not None and theirs > 0:
            cases = result.setdefault(contender, {}).setdefault(f"{sites}x{hosts}", {})
            cases[case] = round(ours / theirs, 3)
    return result


def fit(points: Sequence[tuple[int, int, float]]) -> Fit | None:
    """Through (sites, hosts, seconds), relative errors weighing alike; None with fewer than two different points."""
    terms = _terms(points)
    if len(terms) < 2:
        return None
    # divided by the value, so that ten sites count as much as five thousand
    rows = [[term / value for term in _values(sites, hosts, terms)] for sites, hosts, value in points if value > 0]
    found = dict(zip(terms, _least_squares(rows, [1.0] * len(rows)), strict=True))
    line = Fit(*(found.get(term, 0.0) for term in ("fixed", "site", "host", "both")), error=0.0)
    error = max(abs(line.at(sites, hosts) / value - 1) for sites, hosts, value in points if value > 0)
    return Fit(line.fixed, line.per_site, line.per_host, line.per_both, round(error, 3))


def _terms(points: Sequence[tuple[int, int, float]]) -> list[str]:
    sizes, fleets = len({point[0] for point in points}), len({point[1] for point in points})
    places = len({point[:2] for point in points})
    terms = ["fixed"] + ["site"] * (sizes > 1) + ["host"] * (fleets > 1) + ["both"] * (sizes > 1 and fleets > 1)
    return terms[:places]


def _values(sites: int, hosts: int, terms: Sequence[str]) -> list[float]:
    known = {"fixed": 1.0, "site": float(sites), "host": float(hosts), "both": float(sites * hosts)}
    return [known[term] for term in terms]


def _least_squares(rows: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    """Normal equations: few terms, well apart."""
    size = len(rows[0])
    left = [[sum(row[i] * row[j] for row in rows) for j in range(size)] for i in range(size)]
    right = [sum(row[i] * value for row, value in zip(rows, wanted, strict=True)) for i in range(size)]
    return _solved(left, right)


def _solved(left: list[list[float]], right: list[float]) -> list[float]:
    """Gauss with the largest pivot first."""
    size = len(right)
    table = [[*row, value] for row, value in zip(left, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(table[row][column]))
        table[column], table[pivot] = table[pivot], table[column]
        for row in range(size):
            if row != column:
                factor = table[row][column] / table[column][column]
                table[row] = [a - factor * b for a, b in zip(table[row], table[column], strict=True)]
    return [table[row][size] / table[row][row] for row in range(size)]


def fits(found: Iterable[Median], measure: str = "wall_s") -> dict[str, dict[str, Fit]]:
    """{contender: {case: fit}}, where there is enough to fit."""
    points: dict[tuple[str, str], list[tuple[int, int, float]]] = {}
    for m in found:
        points.setdefault((m.contender, m.case), []).append((m.sites, m.hosts, m.values[measure]))
    result: dict[str, dict[str, Fit]] = {}
    for (contender, case), places in points.items():
        line = fit(places)
        if line is not None:
            result.setdefault(contender, {})[case] = line
    return result


def growth(found: Sequence[Median], contender: str, case: str, hosts: int) -> list[tuple[int, int, float]]:
    """(from, to, seconds for each further site): linear when the last number does not rise."""
    line = sorted((m.sites, m.values["wall_s"]) for m in found if (m.contender, m.case, m.hosts) == (contender, case, hosts))
    return [(a, b, (later - earlier) / (b - a)) for (a, earlier), (b, later) in pairwise(line)]


def document(samples: Sequence[Any], found: Sequence[Median]) -> dict[str, Any]:
    """result.json, but for what is known about the machine."""
    return {
        "ratios": ratios(found),
        "cpu_ratios": {name: ratios(found, name) for name in ("controller_cpu_s", "host_cpu_s")},
        "medians": [{**m.__dict__, "values": dict(m.values)} for m in found],
        "fits": {c: {case: line.__dict__ for case, line in cases.items()} for c, cases in fits(found).items()},
        "extrapolated": extrapolated(found),
        "samples": [sample.__dict__ for sample in samples],
    }


def extrapolated(found: Sequence[Median]) -> dict[str, dict[str, dict[str, float]]]:
    """Seconds at sizes that were NOT measured, by the fit."""
    return {
        contender: {
            case: {f"{sites}x{hosts}": round(line.at(sites, hosts), 1) for sites, hosts in FAR if line.per_host or hosts == 1}
            for case, line in cases.items()
            if line.per_site
        }
        for contender, cases in fits(found).items()
    }
