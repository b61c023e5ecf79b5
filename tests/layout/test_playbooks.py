"""The house rules of playbooks: what may stop a play, and what must never."""

from __future__ import annotations

import pytest

from .project import ROOT, load, of_play, plays, tasks

# what must reach every host whatever happens to the others
GOES_ON = ("rollback: ", "status: ", "drift: ", "content_origin: ")
ASKS_A_HOST = ("release", "release_info")
every_play = pytest.mark.parametrize("name, play", plays(), ids=[name for name, _ in plays()])


def changes_what_is_live(play):
    return any(
        "ansible.builtin.import_role" in task or (task.get("release") or {}).get("state") == "live" for task in of_play(play)
    )


@every_play
def test_a_play_says_where_it_gets_its_facts(name, play):
    assert "gather_facts" in play


@every_play
def test_a_play_stops_at_what_nobody_foresaw(name, play):
    assert play.get("any_errors_fatal", False) is not name.startswith(GOES_ON)


@every_play
def test_a_play_that_changes_what_is_live_rolls(name, play):
    serial = play.get("serial")
    assert not changes_what_is_live(play) or (serial if isinstance(serial, int) else serial[0]) == 1


def test_there_are_plays_that_roll():
    rolling = [name.partition(":")[0] for name, play in plays() if changes_what_is_live(play)]
    assert rolling == ["edge", "edge", "join", "monitoring", "monitoring", "site"]


def test_a_release_goes_live_in_batches_and_nowhere_else():
    """batch.yml is included once a batch, and only hosts of the batch include what makes it live."""
    loops = [task["loop"] for task in including("publish.yml", "batch.yml")]
    assert loops == ["{{ rollout_plan.batches }}"]
    conditions = [task["when"] for task in including("next.yml", "live.yml")]
    assert conditions == ["inventory_hostname in rollout_batch"]
    assert not including("settle.yml", "live.yml")


def including(path, included):
    """Tasks of one task file that include another."""
    found = tasks(ROOT / "playbooks" / "tasks" / path)
    return [task for task in found if str(task.get("ansible.builtin.include_tasks")).endswith("/" + included)]


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks" / "tasks").glob("*.yml")), ids=lambda path: path.name)
def test_a_host_that_fails_keeps_no_other_from_going_back(path):
    """Every question to a host registers its answer; none ends the play (invariant 7)."""
    for task in tasks(path):
        if any(module in task for module in ASKS_A_HOST):
            assert task.get("ignore_errors") is True and task.get("ignore_unreachable") is True, task["name"]
            assert task["register"].startswith(("rollout_", "fleet_")), task["name"]


def test_confirming_comes_after_every_host_was_looked_at():
    names = [task["name"] for task in tasks(ROOT / "playbooks" / "tasks" / "settle.yml")]
    order = [name for name in names if "Look at all hosts" in name or "Confirm" in name or "End it" in name]
    assert ["Look" in name for name in order] == [True, True, False, True, False]
    assert any("Put back" in task["name"] for task in tasks(ROOT / "playbooks" / "tasks" / "end.yml"))


def test_site_compiles_before_it_contacts_a_host():
    first = load(ROOT / "playbooks" / "site.yml")[0]
    for task in of_play(first):
        where = {"run_once": task.get("run_once"), "local": task.get("delegate_to") == "localhost"}
        assert "ansible.builtin.import_tasks" in task or where["run_once"], task["name"]
        assert "release_compile" not in task or where["local"], task["name"]
