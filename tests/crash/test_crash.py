"""Whatever breaks the engine, and whenever: the old or the new release, whole, and the next run converges.

Each test is one program on a real host (lab/rounds.py), which breaks the real engine at every step of one phase while
visitors ask three sites without a pause.
"""

from __future__ import annotations

import pytest

from tests.crash.conftest import LAB, break_every
from tests.hosts.bed import Box

pytestmark = pytest.mark.hosts

# A PHP-FPM that reloads may reset a request that it had just accepted: one in thousands, told in docs/invariants.md.
TOLERATED = 0.001


@pytest.mark.parametrize("how", ["kill", "error"])
@pytest.mark.parametrize(("phase", "steps"), [("stage", 20), ("prove", 10), ("live", 10), ("confirm", 4), ("revert", 4)])
def test_an_engine_that_breaks_at_any_step_leaves_a_whole_release(lab: Box, phase: str, steps: int, how: str) -> None:
    report = break_every(lab, phase, how)
    assert_unharmed(report)
    assert report["broken"]["%s %s" % (phase, how)] >= steps
    if phase in ("stage", "prove"):
        assert report["visitors"]["failed"] == report["visitors"]["mixed"] == 0, "an answer changed before the proof"


def test_an_engine_that_dies_at_any_moment_leaves_a_whole_release(lab: Box) -> None:
    assert_unharmed(break_every(lab, "random_kills", "kill"))


def test_a_release_that_nobody_confirms_is_undone_by_the_host(lab: Box) -> None:
    assert_unharmed(break_every(lab, "deadline", "kill"))


def test_a_site_that_changes_its_php_master_costs_its_neighbours_nothing(lab: Box) -> None:
    assert break_every(lab, "isolation", "kill")["problems"] == []


def assert_unharmed(report: dict) -> None:  # type: ignore[type-arg]
    failed = [problem for problem in report["problems"] if "answered 503" in problem]
    assert [problem for problem in report["problems"] if problem not in failed] == []
    assert report["visitors"]["failed"] <= 1 + report["visitors"]["requests"] * TOLERATED, report


def test_a_disk_without_room_changes_nothing(lab: Box) -> None:
    """A real one: a small file system over the releases and the state, filled to the last byte."""
    said = lab.run("python3", LAB + "/full_disk.py", LAB, check=False)
    assert said.strip().endswith("as it must"), said


def test_power_lost_while_pending_boots_into_the_known_good_release(lab: Box) -> None:
    lab.run("python3", LAB + "/pending.py", LAB)
    lab.kill()
    lab.start()
    said = lab.run("python3", LAB + "/after_boot.py", LAB, check=False)
    assert said.strip().endswith("as it must"), said
