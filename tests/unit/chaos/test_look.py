"""When a round is over: nothing is under way any more, and either all is well or only a push can help."""

from __future__ import annotations

import json

import pytest

from chaos.look import balancer
from chaos.look import web as read_web
from tests.unit.chaos.looks import absent, edge, look, web

STATES = """1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight
5 web 1 x-web1 10.213.149.12 {} {} 1 1 4 15 3 3 6 0 0 0 - 80 - 0 0 - - 0
5 web 2 x-web2 10.213.149.13 2 0 1 1 4 15 3 3 6 0 0 0 - 80 - 0 0 - - 0
"""


def test_a_fleet_that_is_well_is_over():
    assert look().well and look().over


@pytest.mark.parametrize("state", [{"pending": {"release": "new"}}, {"claim": {"rollout": "7"}}])
def test_a_host_that_a_rollout_still_holds_is_waited_for(state):
    assert not look(web1=web(**state)).over
    assert not look(web1=web("other", **state)).over


@pytest.mark.parametrize("state", [{"claim": {"rollout": "7"}}, {"absent": absent(until=9.0)}])
def test_a_balancer_that_a_dead_rollout_still_holds_is_waited_for(state):
    assert not look(edge2=edge(**state)).over


def test_a_host_that_says_nothing_is_waited_for():
    assert not look(web2={}).over and not look(edge1={}).over


def test_hosts_that_disagree_wait_for_a_push():
    assert look(web1=web("other")).over and not look(web1=web("other")).well


def test_a_host_that_is_kept_out_waits_for_a_push():
    out = look(edge1=edge(holds=True, web1=False, absent=absent()))
    assert out.over and not out.well


@pytest.mark.parametrize("state", [edge(web1=False), edge(holds=True)])
def test_a_check_or_an_address_that_is_late_is_waited_for(state):
    assert not look(edge2=state).over


def test_nobody_has_the_address():
    assert not look(edge1=edge()).in_rotation


@pytest.mark.parametrize(("runs", "admin", "gets"), [(2, 0, True), (0, 0, False), (2, 8, False), (2, 32, False), (0, 5, False)])
def test_a_drained_server_runs_and_gets_no_visitors(runs, admin, gets):
    text = json.dumps({"absent": {}}) + "\n\neth0@if7 UP 10.213.149.10/24 10.213.149.200/24\n" + STATES.format(runs, admin)
    seen = balancer(text, "10.213.149.200")
    assert seen["servers"] == {"x-web1": gets, "x-web2": True} and seen["holds"]
    assert not balancer(text, "10.213.149.20")["holds"]


def test_what_a_dying_host_says_is_nothing():
    assert read_web("") == balancer("", "10.0.0.1") == read_web('{"current": "a') == {}


def test_a_line_of_a_journal_that_was_cut_is_passed_over():
    assert read_web('{"current": "a"}\n\n{"event": "proved"}\n{"event": "li')["journal"] == [{"event": "proved"}]
