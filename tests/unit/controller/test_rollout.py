"""What a rollout comes to, from what its hosts answered."""

from __future__ import annotations

import pytest

from plugins.filter.rollback import result as rollback_result
from plugins.filter.rollout import FilterModule, result

NEW, OLD = "3f9c00000002", "3f9c00000001"
UNREACHABLE = {
    "unreachable": True,
    "msg": "Task failed: Data could not be sent: ssh: connect to host web2 port 22: No route to host",
}
filters = FilterModule().filters()


def answer(outcome, release=NEW, **more):
    return {"outcome": outcome, "release": release, "previous": OLD, "held_back": [], "message": outcome, **more}


def failed(text, outcome="rejected", **more):
    return {"failed": True, "msg": text, "message": text, "outcome": outcome, "release": NEW, **more}


def host(**phases):
    return {"rollout_" + phase: said for phase, said in phases.items()}


def published():
    return host(
        proved=answer("proved"),
        live=answer("live"),
        verified={"current": NEW},
        confirmed=answer("confirmed"),
        reverted={"skipped": True},
    )


def settled(fleet, error="", check=False):
    rollout = {"id": "r1", "environment": "test", "release": NEW, "started": 10.0, "now": 12.5, "error": error}
    return result(fleet, list(fleet), rollout, check)


def test_confirmed_everywhere_is_published():
    report = settled({"web1": published(), "web2": published()})
    assert (report["outcome"], report["good"], report["seconds"]) == ("published", True, 2.5)
    assert report["message"].endswith(f"playbooks/rollback.yml -e release={OLD}")
    assert set(report["hosts"]["web1"]["phases"]) == {"proved", "live", "verified", "confirmed"}


def test_a_host_that_has_the_release_is_left_alone():
    report = settled({"web1": host(proved=answer("unchanged")), "web2": published()})
    assert report["outcome"] == "published"
    assert "Confirmed on web2" in report["message"]


def test_nothing_to_do_is_unchanged():
    assert settled({"web1": host(proved=answer("unchanged"))})["outcome"] == "unchanged"


def test_where_there_is_nothing_to_do_what_hosts_say_besides_is_told():
    said = ["This ends what hosts went back for: rollout r1 broke blog."]
    fleet = {name: host(proved=answer("unchanged", asides=said)) for name in ("web1", "web2")}
    assert f"web1, web2: {said[0]}" in settled(fleet)["message"]


def test_one_rejection_rejects_the_release_for_all():
    fleet = {"web1": host(proved=answer("proved")), "web2": host(proved=failed("blog answered 500"))}
    report = settled(fleet)
    assert (report["outcome"], report["good"]) == ("rejected", False)
    assert "web2: blog answered 500" in report["message"]
    assert "web1: did not" not in report["message"]


def test_the_same_sites_rejected_on_all_hosts_are_told_once():
    fleet = {name: host(proved=failed(f"blog answered 500 on {name}", failed_sites=["blog"])) for name in ("web1", "web2")}
    assert settled(fleet)["reasons"] == ["web1, web2: blog answered 500 on web1"]


def test_mistakes_in_the_truth_reject_it_before_any_host():
    report = settled({"web1": {}, "web2": {}}, error="2 problems:\na.yml:1: x\nb.yml:2: y")
    assert report["outcome"] == "rejected"
    assert "2 problems: a.yml:1: x; b.yml:2: y" in report["message"]


def test_a_host_that_cannot_be_reached_rejects_it_too():
    report = settled({"web1": host(proved=answer("proved")), "web2": host(proved=UNREACHABLE)})
    assert report["outcome"] == "rejected"
    assert "web2: could not be reached (connect to host web2 port 22: No route to host)" in report["message"]


def test_a_host_that_was_lost_without_an_answer_counts_as_a_doubt():
    assert settled({"web1": host(proved=answer("proved")), "web2": {}})["outcome"] == "rejected"


@pytest.mark.parametrize("phase", ["live", "verified", "confirmed"])
@pytest.mark.parametrize("trouble", [failed("trouble", outcome="reverted"), UNREACHABLE], ids=["fails", "unreachable"])
def test_trouble_in_any_phase_is_reverted_once_all_went_back(phase, trouble):
    bad = {**published(), "rollout_" + phase: trouble, "rollout_reverted": answer("reverted", OLD)}
    good = {**published(), "rollout_reverted": answer("reverted", OLD)}
    report = settled({"web1": good, "web2": bad})
    assert (report["outcome"], report["good"]) == ("reverted", False)


def test_a_host_that_did_not_go_back_is_named_and_so_is_one_that_did():
    bad = host(proved=answer("proved"), live=UNREACHABLE, reverted=UNREACHABLE)
    good = {**published(), "rollout_reverted": answer("reverted", OLD)}
    report = settled({"web1": good, "web2": bad})
    assert report["outcome"] == "revert_failed"
    assert "it reverts by itself at its deadline" in report["message"]
    assert "Answers as before: web1." in report["message"]


def test_a_release_that_is_not_the_proved_one_is_a_doubt():
    wrong = {**published(), "rollout_verified": {"current": OLD}}
    assert filters["rollout_doubts"]({"web1": wrong}, ["web1"]) == [f"web1: serves {OLD} instead of {NEW}"]


def test_a_due_host_that_was_passed_over_is_a_doubt_before_confirming():
    fleet = {"web1": published(), "web2": host(proved=answer("proved"))}
    assert filters["rollout_doubts"](fleet, list(fleet)) == []
    assert filters["rollout_doubts"](fleet, list(fleet), rolled=True) == ["web2: did not get the release"]
    assert settled(fleet)["outcome"] != "published"


def test_hosts_that_come_to_different_releases_are_a_doubt():
    fleet = {"web1": host(proved=answer("proved")), "web2": host(proved=answer("proved", OLD))}
    assert settled(fleet)["outcome"] == "rejected"


def test_sites_held_back_on_one_host_are_held_back_on_all():
    fleet = {"web1": host(proved=answer("proved", held_back=["shop"])), "web2": host(proved=answer("proved"))}
    assert filters["rollout_held_back"](fleet, list(fleet)) == ["shop"]
    assert filters["rollout_uneven"](fleet, list(fleet))
    assert not filters["rollout_uneven"](fleet, ["web1"])


def test_check_mode_plans():
    report = settled({"web1": host(proved=answer("planned"))}, check=True)
    assert (report["outcome"], report["good"]) == ("planned", True)


@pytest.mark.parametrize(
    "answers, outcome, good",
    [
        ([answer("reverted", OLD), answer("unchanged", OLD)], "reverted", True),
        ([answer("unchanged", OLD)], "unchanged", True),
        ([answer("reverted", OLD), UNREACHABLE], "revert_failed", False),
        ([failed("not on this host")], "rejected", False),
        ([failed("Apache does not start", outcome="revert_failed")], "revert_failed", False),
    ],
)
def test_a_rollback_is_good_when_every_host_went_back(answers, outcome, good):
    fleet = {f"web{number}": host(reverted=said) for number, said in enumerate(answers)}
    report = rollback_result(fleet, list(fleet))
    assert (report["outcome"], report["good"]) == (outcome, good)


def step(**balancers):
    """What balancers said in a step, as the host that cared for them registered it."""
    return {"results": [{"balancer": name, **said} for name, said in balancers.items()]}


REFUSED = failed("rollout r0 of ben is under way")


@pytest.mark.parametrize("name", ["begun", "out", "back", "soaked"])
@pytest.mark.parametrize("trouble", [failed("HAProxy does not answer"), UNREACHABLE], ids=["fails", "unreachable"])
def test_a_balancer_in_trouble_is_a_doubt(name, trouble):
    fleet = {"web1": {**published(), "rollout_" + name: step(edge1=trouble, edge2={})}, "web2": published()}
    (doubt,) = filters["rollout_doubts"](fleet, list(fleet))
    assert doubt.startswith("edge1: ")


def test_a_rollout_that_is_refused_rejects_the_release():
    fleet = {"web1": host(proved=answer("proved"), begun=step(edge1=REFUSED, edge2=REFUSED), ended=step(edge1=REFUSED))}
    report = settled(fleet)
    assert report["outcome"] == "rejected"
    assert "edge1, edge2: rollout r0 of ben is under way" in report["message"]


def test_where_nothing_is_due_a_balancer_in_trouble_rejects_nothing():
    assert settled({"web1": host(proved=answer("unchanged"), begun=step(edge1=UNREACHABLE))})["outcome"] == "unchanged"


def test_a_host_that_was_down_is_named_with_what_brings_it_up_and_rejects_nothing():
    plan = {"down": ["web2"], "due": ["web1"]}
    fleet = {"web1": {**published(), "rollout_plan": plan}, "web2": {**host(proved=UNREACHABLE), "rollout_plan": plan}}
    report = settled(fleet)
    assert (report["outcome"], report["down"]) == ("published", ["web2"])
    assert "web2 could not be reached and gets no visitors until it has caught up" in report["message"]


def test_too_many_down_is_a_doubt():
    plan = {"down": ["web2"], "due": ["web1"], "doubts": ["web2: too few would be left"]}
    fleet = {"web1": {**host(proved=answer("proved")), "rollout_plan": plan}}
    assert filters["rollout_doubts"](fleet, ["web1"]) == ["web2: too few would be left"]
    assert settled(fleet)["outcome"] == "rejected"


def test_a_host_that_a_person_took_elsewhere_is_not_said_to_be_as_before():
    stays = answer("unchanged", "3f9c00000009", message="Release 3f9c00000009 was made live since, by somebody else, and stays.")
    bad = {**published(), "rollout_verified": failed("it is not waiting"), "rollout_reverted": stays}
    report = settled({"web1": bad, "web2": {**published(), "rollout_reverted": answer("reverted", OLD)}})
    assert report["outcome"] == "reverted"
    assert f"release {NEW} was taken back from web2;" in report["message"]
    assert "web1: Release 3f9c00000009 was made live since" in report["message"]


def test_visitors_who_fare_worse_take_the_release_back():
    soak = {"bad": True, "text": "visitors fare worse: 9 of 90"}
    fleet = {"web1": {**published(), "rollout_soak": soak, "rollout_reverted": answer("reverted", OLD)}}
    report = settled(fleet)
    assert report["outcome"] == "reverted"
    assert "9 of 90" in report["message"]


def test_a_run_that_leaves_out_hosts_of_another_release_is_refused():
    others = {"results": [{"other": "web2", "stat": {"lnk_target": "releases/" + OLD}}, {"other": "web3", "unreachable": True}]}
    fleet = {"web1": {**host(proved=answer("proved")), "rollout_others": others}}
    (doubt,) = filters["rollout_doubts"](fleet, ["web1"])
    assert "leaves out web2, web3" in doubt
    assert settled(fleet)["reasons"] == [doubt]
    others["results"] = [{"other": "web2", "stat": {"lnk_target": "releases/" + NEW}}]
    assert filters["rollout_doubts"](fleet, ["web1"]) == []


def test_only_hosts_that_went_back_get_visitors_again():
    fleet = {
        "web1": host(proved=answer("proved"), live=answer("live"), reverted=answer("reverted", OLD)),
        "web2": host(proved=answer("proved"), live=UNREACHABLE, reverted=UNREACHABLE),
        "web3": host(proved=answer("proved")),
    }
    assert filters["rollout_returning"](fleet, list(fleet)) == ["web1", "web3"]


def test_a_host_that_gets_no_visitors_after_it_went_back_is_not_called_reverted():
    late = failed("web1 is ready, but web says DOWN")
    back = host(proved=answer("proved"), live=failed("x", "reverted"), reverted=answer("reverted", OLD))
    report = settled({"web1": {**back, "rollout_ended": step(edge1=late)}})
    assert report["outcome"] == "revert_failed"
    assert "edge1: web1 is ready, but web says DOWN, so that visitors are not sent there" in report["message"]


def test_who_refused_a_release_of_balancers_is_not_told_to_push_again():
    fleet = {"edge1": host(proved=failed("the pool web would be served by nobody"))}
    rollout = {"id": "r1", "environment": "test", "release": NEW, "started": 1.0, "now": 2.0, "next": "Run this again."}
    message = result(fleet, list(fleet), rollout)["message"]
    assert message.endswith("Run this again.")
    assert "Push again" not in message
