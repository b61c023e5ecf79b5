"""How a rollout travels: who gets it when, who is passed over, what is asked of whom."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from plugins.filter.rollout_plan import DEFAULTS, batches, broken_before, mistake, plan, settings, share, through_balancers

DOWN = {"unreachable": True, "msg": "No route to host"}


def fleet(**answers):
    return {name: {"rollout_proved": said if isinstance(said, dict) else {"outcome": said}} for name, said in answers.items()}


def planned(hostvars, may_be_down=True, **more):
    return plan(hostvars, list(hostvars), DEFAULTS, may_be_down, **more)


@pytest.mark.parametrize(
    "count, sizes, wanted",
    [
        (1, [1, "25%", "100%"], [1]),
        (2, [1, "25%", "100%"], [1, 1]),
        (4, [1, "25%", "100%"], [1, 1, 2]),
        (16, [1, "25%", "100%"], [1, 4, 11]),
        (5, [2], [2, 2, 1]),
        (3, ["50%"], [1, 1, 1]),
        (0, [1], []),
    ],
)
def test_every_host_is_in_one_batch(count, sizes, wanted):
    hosts = [f"web{number}" for number in range(count)]
    cut = batches(hosts, sizes)
    assert [len(batch) for batch in cut] == wanted
    assert [host for batch in cut for host in batch] == hosts


def test_a_host_that_has_the_release_is_in_no_batch():
    found = planned(fleet(web1="unchanged", web2="proved"))
    assert (found["batches"], found["well"], found["due"]) == ([["web2"]], ["web1"], ["web2"])


def test_a_host_that_is_down_is_passed_over_where_balancers_keep_visitors_from_it():
    found = planned(fleet(web1="proved", web2=DOWN, web3="proved"))
    assert (found["down"], found["doubts"]) == (["web2"], [])
    assert planned(fleet(web1="proved", web2=DOWN, web3="proved"), may_be_down=False)["down"] == []


@pytest.mark.parametrize("answers", [{"web1": "proved", "web2": DOWN}, {"web1": DOWN}])
def test_too_many_down_is_refused_unless_somebody_says_that_it_is_right(answers):
    (doubt,) = planned(fleet(**answers))["doubts"]
    assert "could not be reached" in doubt
    assert "-e down_ok=true" in doubt
    assert planned(fleet(**answers), down_ok=True)["doubts"] == []


@pytest.mark.parametrize("proof_s, forks, wanted", [(2, 20, 120), (50, 20, 150), (30, 1, 180), (20, 1, 120)])
def test_a_release_that_takes_long_is_waited_for(proof_s, forks, wanted):
    """Batches are of one, one and two hosts."""
    answers = {f"web{number}": {"outcome": "proved", "seconds": {"stage": 0.5, "twin": proof_s - 0.5}} for number in range(4)}
    assert planned(fleet(**answers), forks=forks)["deadline_s"] == wanted


@pytest.mark.parametrize(
    "given",
    [
        {"soak": 5},
        {"soak_s": "soon"},
        {"soak_s": -1},
        {"deadline_s": True},
        {"deadline_s": 5},
        {"batches": []},
        {"batches": "1,,2"},
        {"batches": ["0%"]},
        {"batches": ["101%"]},
        {"batches": [0]},
        {"batches": ["{{ x }}"]},
        {"adopt_drift": "yes"},
        "20",
    ],
)
def test_settings_that_are_wrong_are_refused_by_name(given):
    with pytest.raises(AnsibleFilterError, match="evenkeel_rollout") as refused:
        settings(given)
    assert mistake(given) == str(refused.value)


def test_settings_that_are_right_hold_no_mistake():
    assert mistake({"soak_s": 5}, deadline_s="10") == ""
    assert "from 10 to" in mistake({}, deadline_s="9")


def test_what_the_command_line_says_wins():
    found = settings({"soak_s": 5, "batches": 2}, soak_s="0", deadline_s="")
    assert (found["soak_s"], found["batches"], found["deadline_s"]) == (0, ["2"], 120)


def test_sizes_of_batches_can_be_typed_with_commas() -> None:
    found = settings({}, batches="1, 50%,100%")["batches"]
    assert batches(["web1", "web2", "web3", "web4"], found) == [["web1"], ["web2", "web3"], ["web4"]]


def test_every_balancer_is_cared_for_by_one_host():
    hosts, items = ["web1", "web2", "web3"], ["edge1", "edge2"]
    assert [share(items, hosts, host) for host in hosts] == [["edge1"], ["edge2"], []]
    assert share(items, ["web1"], "web1") == items


def test_pages_that_change_nothing_are_asked_through_balancers_as_visitors_would():
    forwarded = {"X-Forwarded-Proto": "https", "Accept": "text/html"}
    probes = {
        "shop": [
            {"name": "front page", "path": "/", "headers": forwarded},
            {"name": "order", "path": "/order", "method": "POST"},
            {"name": "deep", "path": "/deep", "headers": {}},
        ]
    }
    asked = through_balancers(probes, ["shop", "gone"])
    assert [(one["path"], one["tls"], one["headers"]) for one in asked] == [
        ("/", True, {"Accept": "text/html"}),
        ("/deep", False, {}),
    ]
    many = {f"s{number}": probes["shop"] for number in range(30)}
    assert len(through_balancers(many, sorted(many))) == 30, "of many sites, the front pages"


def test_what_was_broken_on_a_host_before_is_not_asked_of_it_through_balancers():
    known = [{"site": "shop", "probe": "front page"}]
    fleet = {
        "web1": {"rollout_proved": {"verdict": {"known": known}}},
        "web2": {"rollout_proved": {"verdict": {"known": []}}},
        "web3": {"rollout_proved": {"unreachable": True}},
    }
    front, deep = {"name": "front page", "path": "/"}, {"name": "cart", "path": "/cart"}
    probes = {"shop": [front, deep], "blog": [front]}

    def asked(*hosts):
        found = through_balancers(probes, ["blog", "shop"], broken_before(fleet, hosts))
        return [(probe["site"], probe["name"]) for probe in found]

    assert asked("web1") == [("blog", "front page"), ("shop", "cart")]
    assert asked("web2", "web3") == [("blog", "front page"), ("shop", "front page"), ("shop", "cart")]
