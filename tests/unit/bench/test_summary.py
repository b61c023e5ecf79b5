"""What the benchmark makes of its samples."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bench.summary import FAR, extrapolated, fit, fits, growth, medians, ratios


@dataclass(frozen=True)
class Run:
    contender: str
    sites: int
    hosts: int
    case: str
    wall_s: float
    observed: bool = False
    controller_cpu_s: float = 1.0
    host_cpu_s: float = 1.0
    bytes_sent: int = 1000

    @property
    def key(self) -> tuple[str, int, int, str]:
        return self.contender, self.sites, self.hosts, self.case


def test_the_middle_run_speaks_for_all() -> None:
    found = medians([Run("hand", 10, 1, "one", wall) for wall in (3.0, 90.0, 4.0)])
    assert [(m.runs, m.values["wall_s"]) for m in found] == [(3, 4.0)]


def test_a_run_that_was_watched_is_no_comparison() -> None:
    found = medians([Run("hand", 10, 1, "one", 3.0), Run("hand", 10, 1, "one", 9.0, observed=True)])
    assert [m.values["wall_s"] for m in found] == [3.0]


def test_ratios_are_ours_to_theirs_by_case() -> None:
    found = medians([Run("evenkeel", 1000, 1, "one", 6.0), Run("peer", 1000, 1, "one", 24.0), Run("hand", 1000, 1, "one", 8.0)])
    assert ratios(found) == {"peer": {"1000x1": {"one": 0.25}}, "hand": {"1000x1": {"one": 0.75}}}


def test_a_case_that_we_did_not_run_has_no_ratio() -> None:
    assert ratios(medians([Run("peer", 1000, 1, "one", 24.0)])) == {}


def test_a_straight_line_is_found_again() -> None:
    points = [(s, h, 5 + 0.002 * s + 0.5 * h + 0.001 * s * h) for s in (10, 100, 1000, 5000) for h in (1, 4, 8)]
    line = fit(points)
    assert line is not None
    assert (line.fixed, line.per_site, line.per_host, line.per_both) == pytest.approx((5, 0.002, 0.5, 0.001))
    assert line.error == pytest.approx(0, abs=1e-6)


def test_small_sizes_weigh_as_much_as_large_ones() -> None:
    line = fit([(10, 1, 5.01), (100, 1, 5.1), (1000, 1, 6.0), (5000, 1, 12.0)])
    assert line is not None
    assert line.at(10, 1) == pytest.approx(5.01, rel=0.15)


def test_what_was_not_varied_costs_nothing() -> None:
    line = fit([(10, 4, 5.0), (1000, 4, 7.0)])
    assert line is not None
    assert (line.per_host, line.per_both) == (0.0, 0.0)


def test_one_point_is_no_line() -> None:
    assert fit([(10, 1, 5.0), (10, 1, 5.2)]) is None


def test_hosts_are_only_extrapolated_from_several() -> None:
    one_host = [Run("evenkeel", sites, 1, "one", 5 + sites / 1000) for sites in (10, 1000)]
    assert list(extrapolated(medians(one_host))["evenkeel"]["one"]) == ["20000x1"]
    more = [*one_host, *(Run("evenkeel", sites, 4, "one", 8 + sites / 1000) for sites in (10, 1000))]
    assert len(extrapolated(medians(more))["evenkeel"]["one"]) == len(FAR)


def test_growth_is_the_price_of_each_further_site() -> None:
    found = medians([Run("evenkeel", 10, 1, "one", 5.0), Run("evenkeel", 1010, 1, "one", 7.0)])
    assert growth(found, "evenkeel", "one", 1) == [(10, 1010, 0.002)]


def test_every_contender_and_case_has_its_own_line() -> None:
    runs = [Run(c, s, 1, case, 1.0 + s) for c in ("evenkeel", "hand") for case in ("one", "first") for s in (1, 2)]
    assert {c: sorted(cases) for c, cases in fits(medians(runs)).items()} == {
        "evenkeel": ["first", "one"],
        "hand": ["first", "one"],
    }
