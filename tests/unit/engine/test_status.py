"""What a host tells about itself."""

from __future__ import annotations

from plugins.module_utils.evenkeel import journal, status
from plugins.module_utils.evenkeel.journal import Author
from tests.unit.engine.world import World


def test_the_history_names_each_trusted_release_once_the_youngest_first(world: World) -> None:
    events = [("genesis", "a"), ("armed", "b"), ("confirmed", "b"), ("confirmed", "c"), ("rejected", "d"), ("reverted", "b")]
    for event, release in events:
        journal.record(world.host, event, release, Author())
    assert status.gather(world.host)["history"] == ["b", "c", "a"]


def test_the_sites_are_those_of_the_live_release(world: World) -> None:
    assert status.gather(world.host)["sites"] == ["blog", "shop"]
    world.be(current=None, known_good=None)
    assert status.gather(world.host)["sites"] == []
