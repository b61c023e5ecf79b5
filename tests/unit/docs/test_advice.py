"""The last line of a command names what helps in that state, and nothing that will not happen."""

from __future__ import annotations

import pytest

from plugins.filter.rollback import result as rollback_result
from plugins.module_utils.evenkeel.status import advice

WELL = {
    "current": "a" * 12,
    "known_good": "a" * 12,
    "confirmed": True,
    "pending": None,
    "drift": [],
    "unlinked": [],
    "down": [],
    "regression": "",
    "releases": [{"id": "a" * 12, "verdict": "passed"}, {"id": "b" * 12, "verdict": "regressed"}],
    "engine": "e" * 12,
}


@pytest.mark.parametrize(
    ("found", "command"),
    [
        ({"current": None, "known_good": None, "confirmed": False}, "playbooks/site.yml"),
        ({"current": None, "confirmed": False}, "evenkeel revert"),
        ({"down": ["apache2.service"]}, "evenkeel revert"),
        ({"pending": {"release": "a" * 12}, "confirmed": False}, "evenkeel confirm"),
        ({"regression": "rollout r1 broke blog"}, "correct it and push"),
        ({"regression": "rollout r1 broke blog", "current": "b" * 12}, "evenkeel revert ID"),
        ({"current": "b" * 12, "confirmed": False}, "evenkeel revert"),
        ({"drift": ["apache2.conf was edited by hand"]}, "push"),
        ({"unlinked": ["settings/blog/wp-config.php"]}, "evenkeel revert"),
        ({"engine": None}, "playbooks/push.yml"),
    ],
)
def test_what_is_wrong_is_never_called_well(found, command):
    assert command in advice({**WELL, **found})


def test_nobody_is_told_to_confirm_what_broke_sites_before():
    told = advice({**WELL, "pending": {"release": "b" * 12}, "confirmed": False})
    assert "evenkeel confirm" not in told
    assert "evenkeel revert" in told


def test_a_well_host_needs_nothing():
    assert advice(WELL) == "All is well."


def test_a_rollback_promises_no_deadline_that_nobody_armed():
    answer = {"unreachable": True, "msg": "No route to host"}
    message = rollback_result({"web1": {"rollout_reverted": answer}}, ["web1"])["message"]
    assert "could not be reached (No route to host)" in message
    assert "deadline" not in message
