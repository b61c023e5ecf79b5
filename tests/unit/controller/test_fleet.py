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
    assert shown["table"][1].split() == ["web1", "3f9c00000002", "66", "min", "yes", "-", "-", "-"]


def test_sites_that_were_held_back_are_not_forgotten():
    assert fleet(GOOD, {**GOOD, "held_back": ["shop"]})["message"].endswith("held back: shop, to be corrected and pushed.")


def test_only_proved_releases_that_all_hosts_keep_are_offered():
    lonely = {**GOOD, "releases": [*GOOD["releases"], {"id": "ffff00000001", "staged": "x", "verdict": "passed"}]}
    rejected = {**GOOD, "releases": [{**release, "verdict": "rejected"} for release in GOOD["releases"]]}
    assert not fleet(GOOD, rejected)["table"][-1].startswith("playbooks")
    assert fleet(lonely, GOOD)["table"][-1].endswith("can go to 3f9c00000001 (then)")


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


@pytest.mark.parametrize("seconds, text", [(None, "-"), (5, "5 s"), (600, "10 min"), (10000, "2 h"), (400000, "4 d")])
def test_ages_are_coarse(seconds, text):
    assert age(seconds) == text
