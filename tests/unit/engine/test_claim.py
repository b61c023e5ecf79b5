"""One rollout at a time: the second is refused and told whose the first one is, and a dead one holds nobody up."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import claim
from plugins.module_utils.evenkeel.claim import Claimed
from plugins.module_utils.evenkeel.engine import Engine
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.journal import Author
from tests.unit.engine.builders import Standing
from tests.unit.engine.world import NEW, World


def test_a_second_rollout_is_told_whose_the_first_is_until_when_and_what_to_type(host: Host) -> None:
    claim.take(host, "r1", "anna", 60)
    with pytest.raises(Claimed, match=r"r1 of anna is under way since .*Z and holds this environment until .*Z.*rollback\.yml"):
        claim.take(host, "r2", "ben", 60)


def test_a_rollout_that_goes_on_holds_on_and_a_dead_one_lets_go(host: Host, clock: Standing) -> None:
    claim.take(host, "r1", "anna", 60)
    clock.sleep(50)
    claim.take(host, "r1", "anna", 60)
    clock.sleep(50)
    with pytest.raises(Claimed):
        claim.take(host, "r2", "ben", 60)
    clock.sleep(11)
    assert claim.take(host, "r2", "ben", 60) is not None


def test_only_its_own_rollout_or_a_rollback_ends_a_claim(host: Host) -> None:
    claim.take(host, "r1", "anna", 60)
    claim.drop(host, "r2")
    assert claim.load(host) is not None
    claim.drop(host)
    assert claim.load(host) is None


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"rollout": 1}', b"\xff", b"[" * 100_000])
def test_a_claim_that_nobody_can_read_holds_nobody_up(host: Host, data: bytes) -> None:
    Path(host.paths.claim).write_bytes(data)
    assert claim.take(host, "r1", "anna", 60) is not None


def test_what_is_done_by_hand_claims_nothing(host: Host) -> None:
    assert claim.take(host, "", "anna", 60) is None
    assert claim.load(host) is None


def engine(world: World, rollout: str) -> Engine:
    return Engine(world.host, Author(rollout, "anna"))


def test_a_release_that_is_live_refuses_another_rollout_until_it_is_confirmed(world: World) -> None:
    world.prove()
    engine(world, "r1").live(world.ids[NEW], 60)
    with pytest.raises(Claimed, match="r1 of anna"):
        engine(world, "r2").proved(world.ids[NEW], None, [], False)
    engine(world, "r1").confirmed(world.ids[NEW])
    assert claim.load(world.host) is None


def test_a_revert_by_hand_ends_the_rollout(world: World) -> None:
    world.prove()
    engine(world, "r1").live(world.ids[NEW], 60)
    engine(world, "by hand").reverted(None, "by hand")
    assert claim.load(world.host) is None


def test_a_release_that_is_refused_claims_nothing(world: World) -> None:
    with pytest.raises(Exception, match="was not proved"):
        engine(world, "r1").live(world.ids[NEW], 60)
    assert claim.load(world.host) is None
