"""Which release backups get, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.filter import backups

R1, R2, GENESIS = "1" * 12, "2" * 12, "0" * 12
ACTIVES = ["web1", "web2", "web3"]


def info(known_good: str, history: list[str] | None = None, sites: tuple[str, ...] = ("blog",), **more: Any) -> dict[str, Any]:
    """What `release_info` says of a host that is well."""
    known = history if history is not None else [known_good]
    return {"current": known_good, "known_good": known_good, "confirmed": True, "history": known, "sites": list(sites), **more}


def asked(**answers: dict[str, Any]) -> dict[str, Any]:
    return {"results": [{"active": host, **answer} for host, answer in answers.items()]}


SILENT = {"unreachable": True, "msg": "ssh: timed out"}


@pytest.mark.parametrize(
    ("answers", "release", "hosts"),
    [
        ({"web1": info(R1), "web2": info(R1)}, R1, ["web1", "web2"]),
        ({"web1": info(R1), "web2": SILENT}, R1, ["web1"]),
        ({"web1": info(R2, [R2, R1]), "web2": info(R1, [R1])}, R2, ["web1"]),
        ({"web1": info(R1), "web2": info(GENESIS, sites=())}, R1, ["web1"]),
        ({"web1": info(R2), "web2": info(R2), "web3": info(R1)}, R2, ["web1", "web2"]),
        ({"web1": info(R2, [R2, R1]), "web2": info(R1, [R1, R2])}, "", []),
        ({"web1": SILENT}, "", []),
        ({"web1": info(GENESIS, sites=())}, "", []),
    ],
    ids=["all", "one is silent", "one was away", "one is new", "most", "undecided", "nobody answers", "first push"],
)
def test_what_is_known_good_is_what_active_hosts_trust(answers: dict[str, Any], release: str, hosts: list[str]) -> None:
    found = backups.known_good({host: {} for host in ACTIVES}, ACTIVES, asked(**answers))
    assert (found["release"], found["hosts"]) == (release, hosts)
    assert bool(found["why"]) is not bool(release)


def test_in_a_rollout_nobody_is_asked_again() -> None:
    variables = {host: {"rollout_proved": {"known_good": R1}} for host in ACTIVES}
    assert backups.known_good(variables, ACTIVES)["release"] == R1
    variables["web3"]["rollout_confirmed"] = {"known_good": R2}
    assert backups.known_good(variables, ACTIVES)["release"] == ""


GOOD = {"release": R2, "hosts": ["web1"], "why": ""}
OUTCOME = {"outcome": "confirmed"}


def promoted(**answers: Any) -> dict[str, Any]:
    return {"fleet_found": info(R1), "rollout_proved": {"outcome": "proved"}, "rollout_live": {}, **answers}


def test_who_lacks_the_release_is_due_and_a_patient_host_only_without_sites() -> None:
    hosts = {"b1": {"fleet_found": info(R1)}, "b2": {"fleet_found": info(R2)}, "b3": {"fleet_found": SILENT}}
    hosts["b4"] = {"fleet_found": info(GENESIS, sites=())}
    assert backups.due(hosts, list(hosts), GOOD) == ["b1", "b4"]
    assert backups.due(hosts, list(hosts), GOOD, patient=list(hosts)) == ["b4"]


def test_a_release_that_waits_for_confirmation_is_not_there_yet() -> None:
    assert backups.due({"b1": {"fleet_found": {**info(R2), "confirmed": False}}}, ["b1"], GOOD) == ["b1"]


def test_a_promotion_says_who_serves_what() -> None:
    found = backups.result({"b1": promoted(rollout_confirmed=OUTCOME)}, ["b1"], GOOD)
    assert (found["outcome"], found["good"]) == ("promoted", True)
    assert found["message"] == f"promoted: b1 serves release {R2}, which is known good on web1."


def test_a_plan_changes_nothing() -> None:
    found = backups.result({"b1": promoted()}, ["b1"], GOOD, check=True)
    assert found["outcome"] == "planned" and "nothing was changed" in found["message"]


def test_nothing_to_do_is_unchanged() -> None:
    assert backups.result({"b1": {"fleet_found": info(R2)}}, ["b1"], GOOD)["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"rollout_proved": {"failed": True, "message": "blog.example/ answered 404"}}, "blog.example/ answered 404"),
        ({"rollout_confirmed": {"skipped": True}}, "did not get that far"),
        ({"rollout_live": SILENT}, "could not be reached"),
        ({"fleet_found": SILENT}, "could not be reached"),
    ],
    ids=["not proved", "not confirmed", "lost on the way", "silent"],
)
def test_a_backup_that_fails_is_named_with_its_reason_and_what_to_do(answers: dict[str, Any], why: str) -> None:
    found = backups.result({"b1": promoted(**answers), "b2": {"fleet_found": info(R2)}}, ["b1", "b2"], GOOD)
    assert (found["outcome"], found["good"]) == ("rejected", False)
    assert why in found["message"] and "b2 serves" in found["message"] and "playbooks/promote.yml" in found["message"]


def test_without_a_known_good_release_backups_keep_what_they_have() -> None:
    found = backups.result({"b1": {}}, ["b1"], {"release": "", "hosts": [], "why": "nobody knows"})
    assert not found["good"] and "keep what they have" in found["message"]


def test_how_far_behind_is_counted_in_confirmed_releases() -> None:
    actives = {"web1": info("c" * 12, ["c" * 12, R2, R1], sites=("blog", "new"))}
    found = backups.behind({"b1": info(R2), "b2": info("c" * 12), "b3": info("d" * 12), "b4": SILENT}, actives)
    assert {host: words.partition(",")[0] for host, words in found["hosts"].items()} == {
        "b1": "1 confirmed release behind",
        "b2": "level with the active hosts",
        "b3": "at " + "d" * 12,
    }
    assert found["lacking"] == ["new"]


def pushed(host: str, current: str, **answers: Any) -> dict[str, Any]:
    """A backup at the end of a push that published R2; before it, R1 was known good."""
    found = {"current": current, "sites": ["blog"], "confirmed": True}
    return {"inventory_hostname": host, "fleet_found": found, "rollout_good": GOOD, "rollout_due": [], **answers}


def test_a_push_ends_with_how_backups_are_and_what_they_lack() -> None:
    said = backups.aftermath({"b1": pushed("b1", R1)}, ["b1"], {"release": R1, "hosts": {}}, ["blog", "new"])
    assert said["hosts"] == {"b1": f"serves {R1}, which was known good before"}
    assert said["lacking"] == ["new"] and "playbooks/promote.yml" in said["message"]


def test_backups_that_are_kept_level_lack_nothing() -> None:
    level = pushed("b1", R1, rollout_due=["b1"], rollout_confirmed={"outcome": "confirmed", "release": R2})
    said = backups.aftermath({"b1": level}, ["b1"], {"release": R1, "hosts": {}}, ["blog", "new"])
    assert (said["hosts"], said["lacking"]) == ({"b1": "serves it, too"}, [])


def test_a_backup_that_kept_an_older_release_is_named_with_its_reason() -> None:
    before = {"release": R1, "hosts": {"b1": {"why": "could not be reached"}}}
    said = backups.aftermath({"b1": pushed("b1", GENESIS)}, ["b1"], before, ["blog"])
    assert "b1 kept " + GENESIS in said["message"] and "could not be reached" in said["message"]


def test_a_status_says_how_backups_are_and_who_has_the_visitors() -> None:
    groups = {"web": ["web1"], "web_backup": ["b1"], "edge": ["edge1"]}
    answers = {"web1": info(R2, [R2, R1], sites=("blog", "new")), "b1": info(R1), "edge1": {"failed_over": ["web"]}}
    shown = backups.lines({host: {"fleet_info": answer} for host, answer in answers.items()}, list(answers), groups)
    assert shown[1] == "b1 is 1 confirmed release behind"
    assert "new" in shown[2] and "failover.yml" in shown[3]
    assert backups.lines({"web1": {"fleet_info": answers["web1"]}}, ["web1"], {"web": ["web1"]}) == []
