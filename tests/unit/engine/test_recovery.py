"""What a run that died or a power cut left is settled before anything new begins."""

from __future__ import annotations

from typing import Optional

import pytest

from plugins.module_utils.evenkeel import claim
from plugins.module_utils.evenkeel.errors import EvenkeelError, InvalidState
from plugins.module_utils.evenkeel.recovery import PendingRelease
from tests.unit.engine.builders import Scripted
from tests.unit.engine.world import NEW, OLD, World

GONE = "0123456789ab"


@pytest.mark.parametrize(
    ("current", "known_good", "pending", "right"),
    [
        (OLD, OLD, "", OLD),
        (NEW, NEW, "", NEW),
        (OLD, OLD, "armed", OLD),
        (NEW, OLD, "armed", OLD),
        (NEW, OLD, "live", OLD),
        (NEW, OLD, "live late", OLD),
        (OLD, OLD, "live", OLD),
        (NEW, NEW, "live", NEW),
        (NEW, OLD, "garbage", OLD),
        (GONE, OLD, "", OLD),
        (None, OLD, "", OLD),
        (NEW, None, "live", OLD),
        (None, None, "", None),
    ],
)
def test_a_boot_ends_with_what_was_confirmed(
    world: World, current: Optional[str], known_good: Optional[str], pending: str, right: Optional[str]
) -> None:
    world.be(current, known_good, pending)
    world.engine().recovered()
    assert world.current == right
    assert world.pending is None


@pytest.mark.parametrize("known_good", [OLD, NEW])
def test_a_boot_ends_the_hold_of_the_rollout_that_it_settles(world: World, known_good: str) -> None:
    world.be(NEW, known_good, "live")
    claim.take(world.host, "r1", "ann", 120)
    world.engine().recovered()
    assert claim.load(world.host) is None


def test_a_boot_leaves_a_rollout_its_hold_that_has_nothing_to_settle_here(world: World) -> None:
    world.be(OLD, OLD, "")
    claim.take(world.host, "r1", "ann", 120)
    world.engine().recovered()
    assert claim.load(world.host) is not None


def test_a_boot_starts_what_the_known_good_release_needs(world: World, systemd: Scripted) -> None:
    world.be(NEW, OLD, "live")
    world.engine().recovered()
    assert "systemctl --no-pager enable evenkeel-php8.2@shop.service" in systemd.asked
    assert not any("apache2" in asked for asked in systemd.asked), "Apache waits for us: asking it would never end"


@pytest.mark.parametrize(
    ("current", "known_good", "pending", "right"),
    [
        (OLD, OLD, "", OLD),
        (OLD, OLD, "armed", OLD),
        (NEW, OLD, "armed", OLD),
        (NEW, OLD, "live late", OLD),
        (OLD, OLD, "live", OLD),
        (NEW, NEW, "live", NEW),
    ],
)
def test_the_next_run_begins_on_settled_ground(world: World, current: str, known_good: str, pending: str, right: str) -> None:
    world.be(current, known_good, pending)
    world.engine("r2").staged(world.ids[NEW], None)
    assert (world.current, world.pending) == (right, None)


def test_another_rollout_s_release_is_left_to_it_until_its_deadline(world: World) -> None:
    world.be(NEW, OLD, "live")
    with pytest.raises(PendingRelease, match="rollout r1 .ann. waits for confirmation"):
        world.engine("r2").staged(world.ids[NEW], None)
    assert world.current == NEW


def test_an_unreadable_state_stops_a_push_and_no_revert(world: World) -> None:
    world.be(NEW, OLD, "garbage")
    with pytest.raises(InvalidState, match="evenkeel revert"):
        world.engine().staged(world.ids[NEW], None)
    world.engine().reverted(None, "by hand")
    assert (world.current, world.pending) == (OLD, None)


@pytest.mark.parametrize(
    ("current", "known_good", "pending", "right"),
    [(NEW, OLD, "live late", OLD), (NEW, OLD, "armed late", OLD), (NEW, OLD, "live", NEW), (NEW, NEW, "", NEW)],
)
def test_the_deadline_undoes_what_is_overdue_and_nothing_else(
    world: World, current: str, known_good: str, pending: str, right: str
) -> None:
    world.be(current, known_good, pending)
    world.engine().overdue()
    assert world.current == right


def test_a_deadline_that_was_put_off_sets_itself_anew(world: World, systemd: Scripted) -> None:
    world.be(NEW, OLD, "live")
    world.engine().overdue()
    assert any("--on-active=100.000s" in asked for asked in systemd.asked)


def test_a_revert_that_died_after_the_flip_still_reloads_php(world: World, systemd: Scripted) -> None:
    """`current` is right already, but PHP may run the other release's pools."""
    world.be(OLD, OLD, "live late")
    world.engine().overdue()
    restarted = [asked.split()[-1] for asked in systemd.asked if " restart " in asked]
    assert "php8.2-fpm.service" in restarted


def test_a_revert_whose_services_do_not_follow_stays_pending_for_the_next_try(world: World, systemd: Scripted) -> None:
    world.be(NEW, OLD, "live late")
    systemd.says("systemctl --no-pager restart apache2", 1, "Job failed")
    done = world.engine().overdue()
    assert done is not None
    assert (done.outcome, world.current) == ("revert_failed", OLD)
    assert world.pending is not None


def test_a_revert_needs_no_readable_live_release(world: World) -> None:
    world.be(NEW, OLD, "live")
    with open(world.host.paths.release(world.ids[NEW]) + "/manifest.json", "w", encoding="ascii") as stream:
        stream.write("{")
    assert world.engine().reverted(None, "by hand").outcome == "reverted"
    assert world.current == OLD


def test_a_revert_to_a_release_that_is_not_here_changes_nothing(world: World) -> None:
    with pytest.raises(EvenkeelError, match="not on this host"):
        world.engine().reverted(GONE, "by hand")
    assert world.current == OLD
