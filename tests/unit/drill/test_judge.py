"""What visitors may notice of a disaster, and not a moment longer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils.evenkeel_drill.faults import BY_NAME, FAULTS, chosen
from plugins.module_utils.evenkeel_drill.judge import breaches, late, lost, silence_s
from plugins.module_utils.evenkeel_drill.visits import read
from tests.unit.drill.builders import steady, strike, visit

HEADER = "at,backend,site,method,path,status,outcome,took_ms,reused,server,release\n"


def test_nothing_that_failed_is_nothing_to_say():
    for fault in FAULTS:
        assert breaches(steady(), strike(fault.name)) == []


@pytest.mark.parametrize(
    ("fault", "method", "at", "excused"),
    [
        ("web_killed", "GET", 100.5, False),
        ("web_killed", "POST", 100.5, True),
        ("web_killed", "POST", 102.5, False),
        ("php_killed", "GET", 101.9, True),
        ("php_killed", "GET", 102.1, False),
        ("balancer_killed", "GET", 100.9, True),
        ("balancer_killed", "GET", 110.5, False),
        ("both_masters", "GET", 110.5, True),
        ("both_masters", "GET", 111.5, False),
        ("disk_full", "GET", 100.0, False),
        ("disk_full", "POST", 109.9, False),
        ("bad_push", "POST", 100.0, False),
    ],
)
def test_a_lost_request_is_excused_within_its_window_only(fault, method, at, excused):
    found = lost([visit(at, "reset", method)], [strike(fault)])
    assert (found == []) is excused


def test_what_failed_before_the_strike_is_nobodys_fault_but_ours():
    assert lost([visit(99.0, "reset", "POST")], [strike("web_killed")])


def test_what_was_under_way_when_the_strike_came_may_be_lost():
    assert lost([visit(95.0, "timeout", "POST", took_s=10.0)], [strike("web_killed")]) == []


def test_patience_widens_a_window_and_opens_none():
    assert lost([visit(103.0, "reset", "POST")], [strike("web_killed")], patience=2.0) == []
    assert lost([visit(100.5, "reset")], [strike("web_killed")], patience=9.0)


def test_without_a_strike_nothing_is_excused():
    assert lost([visit(100.5, "reset", "POST")], [])


def test_slow_answers_have_a_window_too():
    hung = strike("web_hung")
    assert late([visit(102.5, took_s=1.9)], [hung]) == []
    assert late([visit(103.5, took_s=1.9)], [hung])


def test_only_the_tenant_that_fails_may_fail():
    failing = strike("tenant_failing", site="beta")
    assert lost([visit(105.0, "status", site="beta")], [failing]) == []
    assert lost([visit(105.0, "status")], [failing])
    assert lost([visit(115.0, "status", site="beta")], [failing])


def test_a_window_begins_when_the_fault_was_felt_not_when_the_command_that_made_it_ended():
    slow_command = replace(strike("php_killed"), struck=103.0)
    felt_at_100 = [*steady(), visit(100.0, "status"), visit(101.5, "status")]
    assert breaches(felt_at_100, slow_command) == []
    assert breaches([*felt_at_100, visit(103.5, "status")], slow_command)
    assert breaches([*felt_at_100, visit(103.5, "status")], replace(slow_command, hosts=("web1", "web2"))) == []


def test_silence_is_measured_between_right_answers_and_at_both_ends():
    assert silence_s([visit(100.0), visit(101.0, "reset"), visit(103.0)], 100.0, 104.0) == pytest.approx(3.0)
    assert silence_s([], 100.0, 104.0) == pytest.approx(4.0)


def test_a_gap_that_is_too_long_is_a_breach():
    gap = [one for one in steady() if not 100.0 <= one.at <= 101.5]
    assert any("nobody got an answer" in text for text in breaches(gap, strike("balancer_killed")))


def test_a_drill_that_nobody_visited_rehearsed_nothing():
    assert "nobody asked" in breaches([], strike("web_killed"))[0]


def test_a_breach_shows_the_first_record():
    [text] = breaches([*steady(), visit(105.0, "reset")], strike("web_killed"))
    assert "1 requests failed" in text and "105.000 GET alpha/: reset" in text


def test_a_record_is_read_without_marks_repetitions_and_half_lines():
    rows = ["5.0,edge,alpha,GET,/,200,ok,10.0,0,web1,0297ac8a16ef\n", "4.0,edge,alpha,GET,/,0,resent,1.0,1,,\n"]
    rows += ["3.0,,,,a push,0,mark,0.0,0,,\n", "2.0,edge,beta,POST,/,0,reset,1500.0,0,,\n", "6.0,edge,al"]
    first, second = read([HEADER, *rows])
    assert (first.site, first.took_s, first.good) == ("beta", 1.5, False)
    assert (second.server, second.release, second.good) == ("web1", "0297ac8a16ef", True)


def test_a_fault_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(ValueError, match="no fault meteor; there are web_killed"):
        chosen(["web_killed", "meteor"])


def test_all_is_every_fault_and_a_choice_keeps_its_order():
    assert chosen([]) == chosen(["all"]) == list(FAULTS)
    assert chosen(["both_masters", "web_hung"]) == [BY_NAME["both_masters"], BY_NAME["web_hung"]]


def test_every_fault_says_why_its_windows_are_what_they_are():
    assert all(fault.why and fault.title for fault in FAULTS)
    assert len(BY_NAME) == len(FAULTS)
