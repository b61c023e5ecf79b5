"""What the demo says of itself: it must not be green by looking away."""

from __future__ import annotations

import json
from dataclasses import replace

from demo.client import Outage, Visit
from demo.result import Scenario, judge, table, verdict

PUSH = Scenario("a push", "rejected", "rejected", "rejected: the reason", start=100.0, end=110.0)
CUT_POWER = Outage("web1", 205.0, 215.0, "met a host without power")
CUT = Scenario("a power cut", "recovered", "recovered", "back", 200.0, 230.0, outages=(CUT_POWER,))


def visit(at: float, outcome: str = "ok", backend: str = "web1") -> Visit:
    return Visit(at, backend, "shop", "GET", "/", 200, outcome, 5.0, False)


def test_an_evening_without_a_failure_is_good():
    result = judge([PUSH], [visit(101), visit(120)])
    assert result.good
    assert (result.requests, result.failed) == (2, 0)


def test_a_failure_belongs_to_the_scenario_in_which_it_began():
    result = judge([PUSH, CUT], [visit(105, "reset"), visit(220, "status")])
    assert [one.failed_requests for one in result.scenarios] == [1, 1]
    assert result.classes == {"reset": 1, "status": 1}


def test_a_failure_between_two_scenarios_counts_too():
    result = judge([PUSH, CUT], [visit(150, "timeout")])
    assert result.failed == 1
    assert not result.good


def test_a_host_without_power_is_counted_apart_and_only_while_it_has_none():
    visits = [visit(210, "unreachable"), visit(210, "status", "web2"), visit(216, "reset")]
    result = judge([CUT], visits)
    assert (result.failed, result.expected_failures) == (2, 1)
    assert result.scenarios[0].expected_failures == 1


def test_another_outcome_than_the_expected_one_is_not_good():
    result = judge([replace(PUSH, outcome="published")], [visit(101)])
    assert not result.good
    assert result.unexpected == ("a push: published instead of rejected",)


def test_a_doubt_is_not_good_even_with_the_right_outcome():
    result = judge([replace(PUSH, doubts=("web2 serves something else",))], [visit(101)])
    assert result.unexpected == ("a push: web2 serves something else",)


def test_an_evening_nobody_came_to_proves_nothing():
    assert not judge([PUSH], []).good


def test_the_file_has_what_was_promised(tmp_path):
    judge([PUSH], [visit(101), visit(102, "reset")]).save(tmp_path / "result.json")
    document = json.loads((tmp_path / "result.json").read_text())
    assert (document["requests"], document["failed"]) == (2, 1)
    [scenario] = document["scenarios"]
    assert {"name", "outcome", "seconds", "failed_requests", "message"} <= set(scenario)
    assert (scenario["seconds"], scenario["failed_requests"]) == (10.0, 1)


def test_the_last_screen_names_every_class_of_failure_and_what_was_excused():
    result = judge([PUSH, CUT], [visit(101, "reset"), visit(210, "unreachable"), visit(211, "resent"), visit(212)])
    assert "3 requests, 1 failed (1 reset)" in verdict(result)
    assert "1 more met a host without power" in verdict(result)
    assert "1 met a connection that was just being closed" in verdict(result)
    assert "and 1 that nothing could answer" in table(result)
