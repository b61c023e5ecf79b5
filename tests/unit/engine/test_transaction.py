"""Going live: armed before the flip, verified after it, put back on any doubt, confirmed last."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import claim, proofs, state
from plugins.module_utils.evenkeel.errors import ActivationFailed, CurrentMoved, EvenkeelError, InvalidRelease
from plugins.module_utils.evenkeel.proofs import Proof
from plugins.module_utils.evenkeel.recovery import PendingRelease
from plugins.module_utils.evenkeel.verdict import Failure, Verdict
from tests.unit.engine.builders import Scripted, Standing
from tests.unit.engine.world import BROKEN, NEW, OLD, World, draft


def go_live(world: World) -> None:
    world.prove()
    world.engine().live(world.ids[NEW], 60)


def test_the_deadline_is_on_disk_and_runs_before_the_flip(world: World) -> None:
    go_live(world)
    steps = world.disk.steps
    assert steps.index("rename state.json") < steps.index("arm evenkeel-deadline.timer") < steps.index("flip current")
    assert world.pending is not None
    assert world.pending.phase == state.LIVE


def test_without_a_deadline_nothing_goes_live(world: World, systemd: Scripted) -> None:
    systemd.says("systemd-run", 1, "Failed to start transient timer unit")
    with pytest.raises(EvenkeelError, match="could not be armed"):
        go_live(world)
    assert (world.current, world.pending) == (OLD, None)
    assert "flip current" not in world.disk.steps


def test_a_timer_that_does_not_run_counts_as_none(world: World, systemd: Scripted) -> None:
    systemd.says("systemctl is-active --quiet evenkeel-deadline.timer", 3)
    with pytest.raises(EvenkeelError, match="could not be armed"):
        go_live(world)
    assert world.current == OLD


def test_a_release_that_was_not_proved_here_does_not_go_live(world: World) -> None:
    with pytest.raises(EvenkeelError, match="was not proved"):
        world.engine().live(world.ids[NEW], 60)
    world.prove(ok=False)
    with pytest.raises(EvenkeelError, match="was not proved"):
        world.engine().live(world.ids[NEW], 60)
    assert world.current == OLD


def test_a_proof_over_another_release_does_not_count(world: World) -> None:
    world.prove(base=NEW)
    with pytest.raises(CurrentMoved, match="Push again"):
        world.engine().live(world.ids[NEW], 60)
    assert world.current == OLD


@pytest.mark.parametrize("name", [OLD, NEW])
def test_an_edit_by_hand_since_the_proof_stops_the_flip(world: World, name: str) -> None:
    world.prove()
    edited = Path(world.host.paths.release(world.ids[name])) / "apache2/sites/blog.conf"
    edited.write_text("# by hand\n")
    with pytest.raises(InvalidRelease, match="edited by hand"):
        world.engine().live(world.ids[NEW], 60)
    assert world.current == OLD
    assert edited.read_text() == "# by hand\n"


def test_a_wrong_answer_of_the_live_server_puts_the_old_release_back(world: World) -> None:
    world.wrong[world.ids[NEW]] = [BROKEN]
    with pytest.raises(ActivationFailed, match="answered 500, wanted 200.*Release %s answers again" % world.ids[OLD]) as raised:
        go_live(world)
    assert (world.current, world.pending) == (OLD, None)
    assert raised.value.failures == (BROKEN,)


def test_a_signal_during_the_flip_puts_the_old_release_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(manifest: object, other: object, change: object) -> list[str]:
        raise SystemExit(143)

    world.prove()
    engine = world.engine()
    monkeypatch.setattr(engine._services, "follow", once(interrupted, engine._services.follow))
    with pytest.raises(SystemExit):
        engine.live(world.ids[NEW], 60)
    assert (world.current, world.pending) == (OLD, None)


def test_nothing_is_known_good_before_it_was_confirmed(world: World) -> None:
    go_live(world)
    assert (world.current, world.known_good) == (NEW, OLD)
    world.engine().confirmed(world.ids[NEW])
    assert (world.known_good, world.pending) == (NEW, None)


@pytest.mark.parametrize("pending", ["armed", "live late"])
def test_what_was_not_verified_or_is_overdue_cannot_be_confirmed(world: World, pending: str) -> None:
    world.be(NEW, OLD, pending)
    with pytest.raises(EvenkeelError):
        world.engine().confirmed(world.ids[NEW])
    assert world.known_good == OLD


def test_what_is_not_live_any_more_cannot_be_confirmed(world: World) -> None:
    world.be(OLD, OLD, "live")
    with pytest.raises(CurrentMoved):
        world.engine().confirmed(world.ids[NEW])
    assert world.known_good == OLD


def test_confirming_twice_changes_nothing_the_second_time(world: World) -> None:
    go_live(world)
    assert world.engine().confirmed(world.ids[NEW]).changed
    assert not world.engine().confirmed(world.ids[NEW]).changed


def test_going_live_again_puts_the_deadline_off_without_a_moment_without_one(
    world: World, systemd: Scripted, clock: Standing
) -> None:
    go_live(world)
    systemd.asked.clear()
    clock.sleep(30)
    assert not world.engine().live(world.ids[NEW], 60).changed
    assert world.pending is not None
    assert world.pending.deadline == clock.now() + 60
    assert not any("stop evenkeel-deadline.timer" in asked for asked in systemd.asked)


def test_a_second_release_waits_until_the_first_is_decided(world: World) -> None:
    go_live(world)
    with pytest.raises(PendingRelease):
        world.engine().live(world.ids[OLD], 60)


def test_a_full_disk_before_the_flip_is_one_sentence_and_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(host: object, pending: object) -> None:
        raise OSError(28, "No space left on device", "/var/lib/evenkeel/state.json")

    world.prove()
    monkeypatch.setattr(state, "save", full)
    with pytest.raises(EvenkeelError, match="No space left on device .*release %s is live as before" % world.ids[OLD]):
        world.engine().live(world.ids[NEW], 60)
    assert world.current == OLD


def test_a_full_disk_on_the_way_back_leaves_a_deadline_that_ends_it(
    world: World, systemd: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(host: object, pending: object, decided: object = None) -> None:
        raise OSError(28, "No space left on device", "/var/lib/evenkeel/state.json")

    go_live(world)
    systemd.asked.clear()
    with monkeypatch.context() as patched:
        patched.setattr(state, "save", full)
        assert world.engine().reverted(None, "why not").outcome == "revert_failed"
    assert world.current == OLD and world.pending
    assert [asked for asked in systemd.asked if "deadline" in asked][-2].startswith("systemd-run"), "armed last"
    world.host.clock.sleep(100)
    world.engine().overdue()
    assert (world.current, world.pending) == (OLD, None)


def test_going_back_needs_no_new_inode(world: World) -> None:
    go_live(world)
    inode = os.lstat(world.host.paths.way_back).st_ino
    world.engine().reverted(None, "by hand")
    assert (world.current, os.lstat(world.host.paths.current).st_ino) == (OLD, inode)


def test_a_current_that_somebody_else_made_is_never_replaced_by_a_first_push(world: World, tmp_path: Path) -> None:
    world.be(None, None)
    os.symlink("/srv/my-own-apache", world.host.paths.current)
    payload = world.drafts[NEW].payload(tmp_path)
    with pytest.raises(EvenkeelError, match="points to no release"):
        world.engine().staged(world.ids[NEW], payload)
    assert os.readlink(world.host.paths.current) == "/srv/my-own-apache"


def once(first, then):  # type: ignore[no-untyped-def]
    """The first call is `first`, the others are `then`."""
    calls = iter([first])
    return lambda *arguments, **named: next(calls, then)(*arguments, **named)


def test_what_was_broken_before_the_push_is_no_reason_to_doubt_the_way_back(world: World) -> None:
    world.wrong[world.ids[OLD]] = [BROKEN]
    verdict = Verdict(world.ids[NEW], world.ids[OLD], known=(BROKEN,))
    proofs.save(world.host, Proof(world.ids[NEW], world.ids[OLD], world.ids[NEW], (), verdict))
    world.be(NEW, OLD, "live")
    assert world.engine().reverted(None, "why not").outcome == "reverted"


def test_what_was_broken_when_another_release_was_live_is_one(world: World) -> None:
    world.wrong[world.ids[OLD]] = [BROKEN]
    verdict = Verdict(world.ids[NEW], "0123456789ab", known=(BROKEN,))
    proofs.save(world.host, Proof(world.ids[NEW], "0123456789ab", world.ids[NEW], (), verdict))
    world.be(NEW, OLD, "live")
    assert world.engine().reverted(None, "why not").outcome == "revert_failed"


@pytest.mark.parametrize(
    "guard, status, outcome",
    [
        ("status", 500, "reverted"),
        ("contains", 200, "reverted"),
        ("status", 503, "revert_failed"),
        ("error", None, "revert_failed"),
        ("site", 200, "revert_failed"),
        ("release", 200, "revert_failed"),
    ],
)
def test_a_site_that_the_push_never_touched_must_be_served_and_may_fail_by_itself(
    world: World, guard: str, status: int, outcome: str
) -> None:
    world.wrong[world.ids[OLD]] = [Failure("untouched", guard, "answered so", "200", "front page", "untouched.example/", status)]
    world.be(NEW, OLD, "live")
    assert world.engine().reverted(None, "why not").outcome == outcome


def overruled(world: World) -> str:
    """A person took the pending release back, to an older one than was live before; its id."""
    go_live(world)
    other = world.stage(draft("3"))
    world.engine("by hand").reverted(other, "a person knew better")
    return other


def test_a_rollout_takes_back_its_own_release_and_no_other(world: World) -> None:
    other = overruled(world)
    left = world.engine().reverted(world.ids[OLD], "a host was in doubt", instead_of=world.ids[NEW])
    assert (left.outcome, left.release) == ("unchanged", other)
    assert (world.current, world.known_good) == (other, other)


def test_a_rollout_takes_back_what_it_has_confirmed(world: World) -> None:
    go_live(world)
    world.engine().confirmed(world.ids[NEW])
    world.engine().reverted(world.ids[OLD], "another host was not confirmed", instead_of=world.ids[NEW])
    assert (world.current, world.known_good) == (OLD, OLD)


def test_a_rollout_lets_go_of_a_host_that_had_gone_back_by_itself(world: World) -> None:
    world.prove()
    world.wrong[world.ids[NEW]] = [BROKEN]
    with pytest.raises(ActivationFailed):
        world.engine().live(world.ids[NEW], 60)
    assert claim.load(world.host)
    done = world.engine().reverted(None, "a host was in doubt", instead_of=world.ids[NEW])
    assert (done.outcome, world.current, claim.load(world.host)) == ("unchanged", OLD, None)


def test_a_rollout_goes_back_where_nobody_knows_what_waits(world: World) -> None:
    overruled(world)
    Path(world.host.paths.state).write_text("{")
    world.engine().reverted(world.ids[OLD], "a host was in doubt", instead_of=world.ids[NEW])
    assert world.current == OLD
