"""The checker finds what it is there to find: each rule is broken on purpose."""

from __future__ import annotations

import pytest

from chaos.checker import History, check
from tests.unit.chaos.looks import absent, edge, look, web
from tests.unit.drill.builders import NEW, OLD, steady, strike, visit

PROVED_AT_100 = "1970-01-01T00:01:40Z"


def proved(release: str = NEW, at: str = PROVED_AT_100, event: str = "proved"):
    return {"event": event, "release": release, "at": at}


def rules(visits=(), strikes=(), web1=None, web2=None, patience: float = 1.0, **balancers) -> list[str]:
    found = check(History([*steady(), *visits], strikes, look(web1, web2, **balancers), patience))
    return [violation.rule for violation in found]


def test_a_round_as_it_should_be_is_clean():
    served = [visit(101.0, release=NEW), visit(102.0, server="web2", release=NEW)]
    new = web(NEW, [proved()])
    assert rules(served, [strike("disk_full")], new, new) == []


def test_a_lost_request_without_a_fault_is_found():
    assert rules([visit(101.0, "reset")]) == ["lost"]


def test_a_lost_get_in_the_window_of_a_fault_that_costs_forms_only_is_found():
    assert rules([visit(100.5, "reset", "POST")], [strike("web_killed")]) == []
    assert rules([visit(100.5, "reset")], [strike("web_killed")]) == ["lost"]


def test_a_request_lost_after_the_window_is_found():
    assert rules([visit(104.5, "status")], [strike("php_killed")], patience=2.0) == ["lost"]


def test_another_sites_page_is_a_lost_request():
    assert rules([visit(101.0, "wrong_site")]) == ["lost"]


def test_an_answer_from_a_release_that_was_never_proved_is_found():
    assert rules([visit(101.0, release=NEW)]) == ["unproved"]


def test_an_answer_from_a_release_that_was_rejected_is_found():
    rejecting = web(OLD, [proved(event="rejected")])
    assert rules([visit(101.0, release=NEW)], (), rejecting) == ["unproved"]


def test_an_answer_from_before_the_proof_is_found():
    new = web(NEW, [proved()])
    assert rules([visit(99.0, release=NEW)], (), new, new) == ["unproved"]


def test_a_proof_on_another_host_does_not_count():
    new = web(NEW, [proved()])
    assert rules([visit(101.0, server="web2", release=NEW)], (), new, web()) == ["unproved", "ending"]


def test_hosts_that_end_with_two_releases_are_found():
    assert rules((), (), web(NEW, [proved()]), web()) == ["ending"]


@pytest.mark.parametrize(
    "state", [{"confirmed": False}, {"confirmed": False, "pending": {"release": NEW}}, {"down": ["apache2.service"]}]
)
def test_a_host_that_is_not_settled_is_found(state):
    assert rules((), (), web(**state)) == ["ending"]


def test_a_host_that_says_nothing_is_found():
    assert rules((), (), {}) == ["ending"]


def test_a_host_that_a_rollout_still_holds_is_found():
    assert rules(web1=web(claim={"rollout": "7"})) == ["ending"]


def test_a_host_that_is_kept_from_visitors_is_found():
    assert rules(edge2=edge(web1=False, absent=absent())) == ["ending", "ending"]


@pytest.mark.parametrize("state", [edge(web1=False), edge(holds=True)])
def test_a_sick_host_and_an_address_in_two_places_are_found(state):
    assert rules(edge2=state) == ["ending"]


def test_answers_that_nobody_signed_prove_nothing():
    unsigned = [visit(100 + number / 50, server="", release="") for number in range(600)]
    assert rules(unsigned) == ["unsigned"]


def test_a_round_without_visitors_is_not_clean():
    found = check(History([], [], look()))
    assert [violation.rule for violation in found] == ["unsigned"]


def test_a_person_is_shown_the_first_records_and_told_of_the_rest():
    found = check(History([*steady(), *[visit(101.0, "reset")] * 12], [], look()))
    assert len(found[0].records) == 11 and found[0].records[-1] == "and 2 more"
    assert "GET alpha/: reset" in found[0].records[0]
