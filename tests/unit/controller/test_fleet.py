"""The table of status.yml, and what it says is to be done."""

from __future__ import annotations

import pytest

from plugins.filter.fleet import age, status

GOOD = {
    "current": "3f9c00000002",
    "known_good": "3f9c00000002",
    "confirmed": True,
    "pending": None,
    "age_s": 4000,
    "drift": [],
    "down": [],
    "held_back": [],
    "advice": "All is well.",
    "releases": [
        {"id": "3f9c00000002", "staged": "now", "verdict": "passed"},
        {"id": "3f9c00000001", "staged": "then", "verdict": "passed"},
        {"id": "3f9c00000000", "staged": "first", "verdict": "unproved"},
    ],
}


def fleet(*infos):
    hosts = {f"web{number}": {"fleet_info": info} for number, info in enumerate(infos, start=1)}
    return status(hosts, list(hosts))


def test_all_is_well():
    shown = fleet(GOOD, GOOD)
    assert shown["outcome"] == "well"
    assert shown["table"][1].split() == ["web1", "web", "3f9c00000002", "66", "min", "yes", "-", "-", "-", "-"]


def test_sites_that_were_held_back_are_not_forgotten():
    assert fleet(GOOD, {**GOOD, "held_back": ["shop"]})["message"].endswith("held back: shop, to be corrected and pushed.")


def test_only_proved_releases_that_all_hosts_keep_are_offered():
    lonely = {**GOOD, "releases": [*GOOD["releases"], {"id": "ffff00000001", "staged": "x", "verdict": "passed"}]}
    rejected = {**GOOD, "releases": [{**release, "verdict": "rejected"} for release in GOOD["releases"]]}
    assert not fleet(GOOD, rejected)["table"][-1].startswith("playbooks")
    assert fleet(lonely, GOOD)["table"][-1].endswith("can go to 3f9c00000001 (then)")


def test_a_release_that_broke_sites_on_one_host_is_offered_to_none():
    regressed = [{**release, "verdict": "regressed"} if release["id"].endswith("1") else release for release in GOOD["releases"]]
    assert fleet(GOOD, GOOD)["table"][-1].endswith("can go to 3f9c00000001 (then)")
    assert "3f9c00000001" not in " ".join(fleet(GOOD, {**GOOD, "releases": regressed})["table"])


@pytest.mark.parametrize(
    "wrong, named",
    [
        ({"unreachable": True, "msg": "x: ssh: No route to host"}, "web2: cannot be reached (No route to host)"),
        (
            {**GOOD, "drift": ["apache2.conf was edited by hand"], "advice": "Undo it."},
            "apache2.conf was edited by hand; Undo it.",
        ),
        ({**GOOD, "down": ["apache2.service"], "advice": "Start it."}, "apache2.service is down; Start it."),
        ({**GOOD, "confirmed": False, "pending": {"left_s": 9}, "advice": "Wait."}, "web2: Wait."),
        ({**GOOD, "current": "3f9c00000001"}, "Hosts serve different releases"),
        ({**GOOD, "failures": ["blog / answered 500, wanted 200"]}, "blog / answered 500"),
        ({}, "web2: did not answer"),
    ],
)
def test_whatever_is_wrong_asks_for_attention_and_is_named(wrong, named):
    shown = fleet(GOOD, wrong)
    assert shown["outcome"] == "attention"
    assert named in shown["message"]


GROUPS = {"web": ["web1", "web2"], "edge": ["edge1"]}
DRAINED = {"state": "drain", "why": "its disk is replaced", "rollout": "", "since": 1.0, "until": None}


def behind(absent, claim=None):
    """Two web hosts, and a balancer that says who gets no visitors."""
    infos = {"web1": GOOD, "web2": GOOD, "edge1": {**GOOD, "current": "ed9e00000001", "absent": absent, "claim": claim}}
    hosts = {name: {"fleet_info": info} for name, info in infos.items()}
    return status(hosts, list(hosts), GROUPS)


def test_a_balancer_has_a_release_of_its_own():
    shown = behind({})
    assert (shown["outcome"], shown["release"]) == ("well", "3f9c00000002")
    assert [row.split()[1] for row in shown["table"][1:4]] == ["web", "web", "balancer"]
    assert "serve 3f9c00000002, ed9e00000001 (balancer), confirmed" in shown["message"]


def test_who_gets_no_visitors_is_named_with_what_brings_it_back():
    by_hand = behind({"web2": DRAINED})
    assert by_hand["table"][2].split()[6] == "no"
    assert "web2 gets no visitors from edge1 (its disk is replaced): ansible edge" in by_hand["message"]
    behind_the_others = behind({"web2": {**DRAINED, "why": "was down", "rollout": "r1"}})
    assert "(was down): once it is up, run playbooks/push.yml." in behind_the_others["message"]


def test_nobody_knows_who_gets_visitors_where_no_balancer_answers():
    hosts = {"web1": {"fleet_info": {**GOOD, "absent": {}}}, "edge1": {"fleet_info": {"error": "Connection refused"}}}
    assert status(hosts, list(hosts), GROUPS)["table"][1].split()[6] == "?"


def test_what_a_rollout_has_taken_out_for_a_moment_asks_for_nothing():
    claim = {"rollout": "r1", "actor": "anna", "since": 1.0, "until": 2.0}
    shown = behind({"web2": {**DRAINED, "rollout": "r1", "until": 2.0}}, claim)
    assert shown["outcome"] == "well"
    assert "rollout r1 of anna is under way" in shown["table"]


@pytest.mark.parametrize("seconds, text", [(None, "-"), (5, "5 s"), (600, "10 min"), (10000, "2 h"), (400000, "4 d")])
def test_ages_are_coarse(seconds, text):
    assert age(seconds) == text
