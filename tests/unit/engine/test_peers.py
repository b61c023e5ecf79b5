"""A controller that died between two confirmations: hosts that heard nothing ask the others, and end as those did."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import peers, state
from plugins.module_utils.evenkeel.errors import EvenkeelError
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.state import Decided, Pending
from plugins.module_utils.evenkeel.twin import free_ports
from tests.unit.engine.builders import Scripted, Standing
from tests.unit.engine.world import NEW, OLD, World

OTHER = "192.0.2.2"
PENDING = Pending("0123456789ab", "ba9876543210", state.LIVE, 0.0, "r1", "ann", "", 60.0, ("127.0.0.1",))


def decide(host: Host, rollout: str = "r1", seconds: float = 100) -> None:
    state.save(host, None, Decided(rollout, PENDING.release, (OTHER,), host.clock.now() + seconds))


def test_a_host_that_confirmed_tells_the_others_of_that_rollout_and_nobody_else(host: Host) -> None:
    decide(host)
    assert peers.answer(host, OTHER, "r1") == "confirmed 0123456789ab"
    assert peers.answer(host, "::ffff:" + OTHER, "r1") == "confirmed 0123456789ab"
    assert peers.answer(host, "192.0.2.3", "r1") == "no"


def test_another_rollout_s_end_is_no_answer(host: Host) -> None:
    decide(host, "r0")
    assert peers.answer(host, OTHER, "r1") == "no"


def test_nobody_is_told_of_a_rollout_whose_time_is_over(host: Host, clock: Standing) -> None:
    decide(host)
    clock.sleep(101)
    assert peers.answer(host, OTHER, "r1") == "no"


@pytest.mark.parametrize("data", [b"{", b"", b'{"format": 1, "pending": null, "decided": {"rollout": "r1"}}'])
def test_a_state_that_nobody_can_read_confirms_nothing(host: Host, data: bytes) -> None:
    Path(host.paths.state).write_bytes(data)
    assert peers.answer(host, OTHER, "r1") == "no"


def test_a_host_that_died_while_it_confirmed_has_confirmed(world: World) -> None:
    world.be(NEW, NEW, "live")
    waiting = world.pending
    assert waiting is not None
    state.save(world.host, replace(waiting, peers=(OTHER,)))
    assert peers.answer(world.host, OTHER, "r1") == "confirmed " + world.ids[NEW]


@pytest.fixture
def port(host: Host) -> Iterator[int]:
    """A host that answers on this machine."""
    decide(host)
    (port,) = free_ports(1)
    thread = threading.Thread(target=peers.serve, args=(host, port), daemon=True)
    thread.start()
    for _ in range(200):
        if peers.decided_by(PENDING, port):
            break
    yield port
    state.save(host, None)
    thread.join(10)


def test_over_the_wire(port: int) -> None:
    assert peers.decided_by(PENDING, port) == "127.0.0.1"
    assert peers.decided_by(replace(PENDING, rollout="r9"), port) == ""
    assert peers.decided_by(replace(PENDING, rollout="r1\n" * 1000), port) == "127.0.0.1", "only the first line is read"
    assert peers.decided_by(replace(PENDING, rollout="x" * 100_000), port) == ""


def test_silence_is_no_answer(host: Host) -> None:
    (port,) = free_ports(1)
    assert peers.decided_by(replace(PENDING, peers=("127.0.0.1", "no.such.host.invalid")), port) == ""


def overdue(world: World, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    world.be(NEW, OLD, "live late")
    monkeypatch.setattr(peers, "decided_by", lambda pending: said)
    world.engine().overdue()


def test_at_its_deadline_a_host_ends_as_one_that_was_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    overdue(world, monkeypatch, OTHER)
    assert (world.current, world.known_good, world.pending) == (NEW, NEW, None)


def test_at_its_deadline_a_host_goes_back_when_nobody_was_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    overdue(world, monkeypatch, "")
    assert (world.current, world.known_good, world.pending) == (OLD, OLD, None)


def test_what_was_never_verified_goes_back_without_a_question(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.be(NEW, OLD, "armed late")
    monkeypatch.setattr(peers, "decided_by", lambda pending: OTHER)
    world.engine().overdue()
    assert world.current == OLD


def test_the_next_run_asks_before_it_puts_back_what_is_overdue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.be(NEW, OLD, "live late")
    monkeypatch.setattr(peers, "decided_by", lambda pending: OTHER)
    world.engine("r2").staged(world.ids[OLD], None)
    assert (world.current, world.known_good) == (NEW, NEW)


def live_with_others(world: World) -> None:
    world.prove()
    world.engine().live(world.ids[NEW], 60, [OTHER])


def test_nobody_is_confirmed_who_may_have_been_asked_for_in_vain(world: World, clock: Standing) -> None:
    live_with_others(world)
    clock.sleep(31)
    with pytest.raises(EvenkeelError, match="may have given up"):
        world.engine().confirmed(world.ids[NEW])
    world.engine().extended(world.ids[NEW], 60)
    assert world.engine().confirmed(world.ids[NEW]).changed


def test_a_confirmation_is_there_to_be_asked_for(world: World, systemd: Scripted) -> None:
    live_with_others(world)
    world.engine().confirmed(world.ids[NEW])
    assert peers.answer(world.host, OTHER, "r1") == "confirmed " + world.ids[NEW]
    assert any("evenkeel-answer.service" in asked for asked in systemd.asked)


def test_a_host_that_was_confirmed_and_taken_back_says_no(world: World) -> None:
    live_with_others(world)
    world.engine().confirmed(world.ids[NEW])
    world.engine().reverted(world.ids[OLD], "another host failed")
    assert peers.answer(world.host, OTHER, "r1") == "no"


def test_a_host_that_was_taken_back_cannot_be_put_off(world: World) -> None:
    live_with_others(world)
    world.engine("by hand").reverted(None, "by hand")
    with pytest.raises(EvenkeelError, match="not waiting"):
        world.engine().extended(world.ids[NEW], 60)
    assert world.current == OLD
