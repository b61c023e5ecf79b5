"""A release that lies on a host can be given to another one, and is the same there."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils import release_pack
from plugins.module_utils.evenkeel.errors import InvalidRelease
from plugins.module_utils.evenkeel.payload import Payload
from tests.unit.engine.world import NEW, World


def test_a_packed_release_has_the_name_and_the_files_of_the_staged_one(world: World, tmp_path: Path) -> None:
    given = tmp_path / "given.tar.gz"
    given.write_bytes(release_pack.of_release(world.store, world.ids[NEW]))
    payload = Payload(str(given))
    assert payload.manifest.id == world.ids[NEW]
    assert dict(payload.files()) == world.drafts[NEW].files()


def test_the_same_release_gives_the_same_bytes(world: World) -> None:
    assert release_pack.of_release(world.store, world.ids[NEW]) == release_pack.of_release(world.store, world.ids[NEW])


def test_a_release_that_was_edited_by_hand_is_not_given_away(world: World) -> None:
    Path(world.store.load(world.ids[NEW]).file("php/8.2/pool.d/blog.conf")).write_text("; edited")
    with pytest.raises(InvalidRelease, match="edited by hand"):
        release_pack.of_release(world.store, world.ids[NEW])


def test_a_release_that_is_not_here_is_said_to_be_missing(world: World) -> None:
    with pytest.raises(InvalidRelease, match="not on this host"):
        release_pack.of_release(world.store, "0123456789ab")
