"""What balancers counted during a rollout, also when one of them reloads meanwhile."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel_record.visitors import Visitors


def test_what_came_before_the_rollout_is_not_of_it():
    visitors = Visitors()
    visitors.count("edge1", {"web1": [100, 5], "web2": [200, 0]})
    assert not visitors.measured
    visitors.count("edge1", {"web1": [110, 6], "web2": [230, 0]})
    assert visitors.by_host() == {"web1": [10, 1], "web2": [30, 0]}
    assert visitors.before == [300, 5]


def test_a_balancer_that_reloads_counts_from_nothing():
    visitors = Visitors()
    for counts in ([100, 5], [110, 6], [4, 1], [9, 1]):
        visitors.count("edge1", {"web1": counts})
    assert visitors.by_host() == {"web1": [19, 2]}


def test_each_balancer_has_counts_of_its_own():
    visitors = Visitors()
    for counts in ([100, 5], [110, 5]):
        visitors.count("edge1", {"web1": counts})
        visitors.count("edge2", {"web1": [counts[0] * 2, 0]})
    assert visitors.by_host() == {"web1": [30, 0]}


@pytest.mark.parametrize("nothing", [None, {}, "counts", []])
def test_a_balancer_that_did_not_count_says_nothing(nothing):
    visitors = Visitors()
    visitors.count("edge1", nothing)
    visitors.count("edge1", nothing)
    assert not visitors.measured
