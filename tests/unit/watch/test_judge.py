"""What counts as a regression: errors that the old release did not have, and that are not everybody's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils.evenkeel_watch.judge import Probes, Seen, Tally, verdict, worse

WELL = Seen(Tally(500, 0), Tally(100, 0), Probes(30, 1.0), Probes(5, 1.0))
BROKEN = Seen(Tally(500, 1), Tally(100, 60), Probes(30, 1.0), Probes(5, 0.0))


@pytest.mark.parametrize(
    ("seen", "bad"),
    [
        (WELL, False),
        (BROKEN, True),
        (Seen(Tally(500, 0), Tally(4, 3)), True),  # a quiet site, three errors
        (Seen(Tally(500, 0), Tally(2, 2)), False),  # two are bad luck
        (Seen(Tally(500, 250), Tally(100, 55)), False),  # it failed before as well
        (Seen(Tally(10000, 0), Tally(10000, 150)), False),  # one of a hundred is noise
        (Seen(probes_before=Probes(30, 1.0), probes_after=Probes(3, 0.0)), True),  # nobody but monitoring asks
        (Seen(probes_before=Probes(30, 1.0), probes_after=Probes(1, 0.0)), False),  # one visit
        (Seen(probes_before=Probes(30, 1.0), probes_after=Probes(4, 0.25)), False),
        (Seen(probes_before=Probes(30, 0.0), probes_after=Probes(4, 0.0)), False),  # broken before
        (Seen(Tally(), Tally(50, 50), Probes(30, 0.5), Probes(4, 0.0)), False),  # broken before, seen by monitoring alone
        (Seen(probes_after=Probes(4, 0.0)), False),  # never visited before: nobody knows how it was
        (Seen(), False),
    ],
)
def test_a_site_is_worse_only_where_it_was_better(seen: Seen, bad: bool) -> None:
    assert worse(seen) is bad


def test_a_touched_site_that_broke_alone_is_the_rollouts_doing() -> None:
    found = verdict("r1", {"blog"}, (), {"blog": BROKEN, "shop": WELL, "wiki": WELL})
    assert found.regression
    told = "rollout r1 broke blog (60 of 100 requests failed on pages that were well, 1 of 500 before) after it was confirmed"
    assert told in found.text


def test_what_befalls_untouched_sites_as_well_is_not_its_doing() -> None:
    found = verdict("r1", {"blog"}, (), {"blog": BROKEN, "shop": BROKEN, "wiki": BROKEN})
    assert found.broken == ("blog",)
    assert not found.regression
    assert "not the rollout's doing" in found.text


def test_one_untouched_site_that_fails_excuses_nobody() -> None:
    control = {f"s{number}": WELL for number in range(9)}
    assert verdict("r1", {"blog"}, (), {"blog": BROKEN, "shop": BROKEN, **control}).regression


SILENT = Seen(probes_before=Probes(30, 1.0), probes_after=Probes(5, 0.0))


def test_a_way_that_is_lost_to_every_site_is_no_regression() -> None:
    found = verdict("r1", {"blog", "shop"}, (), {"blog": SILENT, "shop": SILENT})
    assert not found.regression
    assert "no host saw a request fail" in found.text


@pytest.mark.parametrize("other", [BROKEN, WELL])
def test_a_way_that_some_requests_find_is_not_lost(other: Seen) -> None:
    assert verdict("r1", {"blog", "shop"}, (), {"blog": SILENT, "shop": other}).regression


@pytest.mark.parametrize(
    ("hosts", "bad"),
    [
        ([Tally(50, 0), Tally(50, 50)], False),  # one of two: it may be the host's memory, disk, or database
        ([Tally(50, 0), Tally(50, 50), Tally(50, 40)], True),
        ([Tally(50, 0), Tally(50, 0), Tally(50, 40)], False),
        ([Tally(4, 0), Tally(96, 50)], True),  # four requests tell nothing of a host
        ([Tally(50, 30), Tally(50, 20)], True),
        ([Tally(100, 50)], True),
    ],
)
def test_a_host_that_is_sick_alone_is_no_regression(hosts: list[Tally], bad: bool) -> None:
    after = Tally(sum(one.asked for one in hosts), sum(one.failed for one in hosts))
    assert worse(Seen(Tally(500, 0), after, hosts=tuple(hosts))) is bad


def test_what_a_tenant_changed_himself_is_no_regression() -> None:
    assert not verdict("r1", {"blog"}, (), {"blog": replace(BROKEN, edited=True), "shop": WELL}).broken


def test_a_tenant_who_changed_something_meanwhile_excuses_no_other_site() -> None:
    seen = {"blog": replace(BROKEN, edited=True), "shop": BROKEN, "wiki": WELL}
    assert verdict("r1", {"blog", "shop"}, (), seen).broken == ("shop",)


def test_where_every_site_was_touched_there_is_nobody_to_compare_with() -> None:
    assert verdict("r1", {"blog", "shop"}, (), {"blog": BROKEN, "shop": BROKEN}).regression


def test_an_untouched_site_that_breaks_is_no_regression() -> None:
    assert not verdict("r1", {"blog"}, (), {"blog": WELL, "shop": BROKEN}).broken


def test_a_site_that_came_with_the_rollout_cannot_have_become_worse() -> None:
    assert not verdict("r1", {"blog", "new"}, {"new"}, {"blog": WELL, "new": BROKEN}).broken


def test_a_thousand_broken_sites_are_a_short_sentence() -> None:
    sites = {f"s{number:04}": BROKEN for number in range(1000)}
    assert "and 995 more" in verdict("r1", set(sites), (), sites).text
