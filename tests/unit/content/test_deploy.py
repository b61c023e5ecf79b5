"""A release is laid over a document root: what it brought before goes with it, what the tenant uploaded stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_content.deploy import deploy
from plugins.module_utils.evenkeel_content.errors import ContentError
from tests.unit.content.builders import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to www-data")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def release(world: World, **files: str) -> int:
    """What git or an archive brought, laid over the document root of blog."""
    source = Path(world.paths.source("blog"))
    for path in sorted(source.rglob("*"), reverse=True) if source.is_dir() else ():
        path.rmdir() if path.is_dir() else path.unlink()
    for name, text in files.items():
        target = source / name.replace("__", "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return deploy(world.paths, world.config.sites["blog"])


def test_uploads_survive_and_what_a_release_no_longer_has_goes(world):
    release(world, index="one", old__page="x", old__more="y")
    world.write(world.here, "upload.jpg", "mine")
    world.write(world.here, "old/mine.jpg", "mine")
    assert release(world, index="two") == 2
    assert world.tree(world.here) == {"index": "two", "upload.jpg": "mine", "old/mine.jpg": "mine"}


def test_folders_that_are_empty_without_it_go_too(world):
    release(world, index="one", a__b__page="x")
    release(world, index="one")
    assert not (world.here / "blog/public/a").exists()


def test_a_settings_link_is_not_released_over(world):
    world.release("config.php")
    world.settings(world.here, "config.php")
    Path(world.paths.job("blog")).write_text('{"settings": ["config.php"]}')
    source = Path(world.paths.source("blog"))
    source.mkdir(parents=True)
    (source / "config.php").write_text("of the repository")
    deploy(world.paths, world.config.sites["blog"])
    assert os.path.islink(world.here / "blog/public/config.php")


def test_a_list_that_the_tenant_wrote_is_no_crash(world):
    (world.here / "blog/.evenkeel-released").write_text("[1, 2")
    release(world, index="one")
    assert world.tree(world.here) == {"index": "one"}


def test_a_folder_that_is_not_there_is_told(world):
    with pytest.raises(ContentError, match="has no folder"):
        deploy(world.paths, world.config.sites["blog"])
