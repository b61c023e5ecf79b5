"""Visitors judge a release, by what balancers counted: one error never decides, and a quiet fleet is not passed in silence."""

from __future__ import annotations

import pytest

from plugins.filter.soak import FLOOR, Tally, of_fleet, slices, tally, verdict


@pytest.mark.parametrize(
    "new, old, bad",
    [
        ((1000, 0), (1000, 0), False),
        ((1000, 30), (1000, 0), True),
        ((1000, 30), (1000, 30), False),
        ((1000, 61), (1000, 30), True),
        ((1000, 15), (1000, 0), False),
        ((10, 5), (1000, 0), True),
        ((10, 1), (1000, 0), False),
        ((1, 1), (0, 0), False),
        ((3, 3), (0, 0), True),
        ((0, 0), (0, 0), False),
    ],
)
def test_a_release_is_bad_when_visitors_clearly_fare_worse(new, old, bad):
    assert verdict(Tally(*new), Tally(*old))["bad"] is bad


def test_it_is_said_how_many_requests_decided():
    assert "only 7 requests came to the new release" in verdict(Tally(7, 0), Tally(500, 0))["text"]
    assert "40 of 100 requests failed on the new release, 0 of 900" in verdict(Tally(100, 40), Tally(900, 0))["text"]


def test_both_balancers_count_and_one_that_reloaded_begins_anew():
    before = [{"web1": (100, 5)}, {"web1": (900, 90)}]
    after = [{"web1": (150, 6)}, {"web1": (20, 2)}]
    assert tally(before, after, ["web1"]) == Tally(70, 3)


def told(step, counts):
    return {"rollout_" + step: {"results": [{"balancer": "edge1", "counts": counts}]}}


def fleet(after):
    begun = {"web1": (1000, 10), "web2": (1000, 10)}
    back = {"web1": (1000, 10), "web2": (1100, 11)}
    return {"web1": {**told("begun", begun), **told("back", back), **told("soaked", after)}}


def test_hosts_with_the_new_release_are_compared_with_the_others():
    assert of_fleet(fleet({"web1": (1100, 60), "web2": (1200, 12)}), ["web1"], ["web1"])["bad"]
    assert not of_fleet(fleet({"web1": (1100, 11), "web2": (1200, 12)}), ["web1"], ["web1"])["bad"]


def test_in_the_last_batch_the_time_before_the_rollout_stands_in():
    found = of_fleet(fleet({"web1": (1100, 60), "web2": (1200, 70)}), ["web1"], ["web1", "web2"])
    assert found["bad"]
    assert "20 of 2000 on the old one" in found["text"]


def test_before_balancers_said_anything_there_is_no_verdict():
    assert of_fleet({"web1": {}}, ["web1"], ["web1"]) == of_fleet({"web1": told("back", {})}, ["web1"], []) == {}


@pytest.mark.parametrize(
    "soak_s, deadline_s, parts", [(20, 120, [10, 10]), (25, 120, [10, 10, 5]), (20, 16, [4] * 5), (0, 120, [])]
)
def test_a_soak_is_cut_so_that_deadlines_can_be_put_off(soak_s, deadline_s, parts):
    assert slices({"soak_s": soak_s, "deadline_s": deadline_s}) == parts
    assert FLOOR > 3
