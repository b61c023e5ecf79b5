"""Which rollout changed a host last."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils.evenkeel.last_rollout import last_rollout, rejected_at, seconds
from plugins.module_utils.evenkeel.moment import timestamp


def event(kind: str, rollout: str = "r1", minute: int = 0, **more: Any) -> dict[str, Any]:
    author = {"rollout": rollout, "actor": "anna", "commit": "c1"}
    return {"at": "2026-11-22T20:%02d:00Z" % minute, "event": kind, "release": "aaa", "message": "", **author, **more}


@pytest.mark.parametrize(
    "kinds, outcome",
    [
        (["proved", "armed"], "live"),
        (["armed", "live"], "live"),
        (["armed", "live", "confirmed"], "published"),
        (["armed", "live", "reverted"], "reverted"),
        (["armed", "recovered"], "reverted"),
        (["armed", "live", "revert_failed"], "revert_failed"),
        (["armed", "live", "confirmed", "proved", "rejected"], "published"),
    ],
)
def test_the_outcome_is_what_came_of_it_last(kinds: list[str], outcome: str) -> None:
    found = last_rollout([event(kind) for kind in kinds])
    assert found is not None and found.outcome == outcome


def test_nothing_has_changed_a_host_that_was_only_proved() -> None:
    assert last_rollout([event("genesis"), event("proved"), event("rejected")]) is None


def test_its_sites_stay_known_over_its_other_events() -> None:
    events = [event("live", sites=["blog", "shop"], touched=7), event("confirmed", minute=3)]
    found = last_rollout(events)
    assert found is not None and (found.sites, found.touched, found.at) == (("blog", "shop"), 7, seconds("2026-11-22T20:03:00Z"))


def test_another_rollout_has_sites_of_its_own() -> None:
    found = last_rollout([event("live", sites=["blog"], touched=1), event("armed", "r2")])
    assert found is not None and (found.rollout, found.sites, found.touched) == ("r2", (), 0)


def test_what_the_hosts_own_timer_takes_back_is_the_rollouts() -> None:
    events = [event("live", sites=["blog"], touched=1), event("overdue"), event("reverted", "by hand", actor="root")]
    found = last_rollout(events)
    assert found is not None and (found.rollout, found.actor, found.outcome) == ("r1", "anna", "reverted")


def test_what_a_person_takes_back_is_the_persons() -> None:
    found = last_rollout([event("confirmed"), event("reverted", "by hand", actor="bert")])
    assert found is not None and (found.rollout, found.actor) == ("by hand", "bert")


@pytest.mark.parametrize("broken", [{}, {"event": None}, {"event": []}, {"event": "live", "sites": "x", "touched": "y", "at": 7}])
def test_a_damaged_line_stops_nobody(broken: dict[str, Any]) -> None:
    last_rollout([broken, event("live")])


def test_the_last_rejection_has_its_time() -> None:
    assert rejected_at([event("rejected", minute=1), event("live", minute=2)]) == seconds("2026-11-22T20:01:00Z")
    assert rejected_at([event("live")]) == 0
    assert seconds("2026-11-22T20:01:00Z") == 1795377660


@pytest.mark.parametrize("at", [None, 7, "", "2026-11-22", "2026-11-22T20:03:00", "2026-13-22T20:03:00Z", "yesterday"])
def test_what_is_no_point_in_time_counts_as_long_ago(at: object) -> None:
    assert seconds(at) == 0


def test_a_point_in_time_is_what_the_journal_wrote() -> None:
    assert seconds(timestamp(1795000000)) == 1795000000
