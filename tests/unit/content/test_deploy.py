"""A release is laid over a document root: what it brought before goes with it, what the tenant uploaded stays."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
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


@pytest.mark.parametrize("target", ["/etc", "../..", ".git"])
def test_a_folder_that_leads_out_of_what_was_fetched_is_refused(world, target):
    source = Path(world.paths.source("blog"))
    (source / ".git").mkdir(parents=True)
    (source / "public").symlink_to(target)
    with pytest.raises(ContentError, match="is a link that leads elsewhere"):
        deploy(world.paths, replace(world.config.sites["blog"], folder="public"))
    assert world.tree(world.here) == {}


def test_links_out_of_what_was_fetched_do_not_come_and_cost_no_upload(world):
    world.write(world.here, "notes", "mine")
    source = Path(world.paths.source("blog"))
    source.mkdir(parents=True)
    (source / "index").write_text("one")
    for name, target in {"notes": "/etc/passwd", "up": "../secret", "good": "index"}.items():
        (source / name).symlink_to(target)
    deploy(world.paths, world.config.sites["blog"])
    assert world.tree(world.here) == {"index": "one", "notes": "mine", "good": "-> index"}
    release(world, index="two")
    assert world.tree(world.here) == {"index": "two", "notes": "mine"}


def test_a_release_that_does_not_fit_leaves_no_halves(world, monkeypatch):
    release(world, index="one")
    halves = world.here / "blog/public/.~tmp~"
    full = subprocess.CompletedProcess([], 11, "", "rsync: [receiver] write failed: No space left on device (28)")
    monkeypatch.setattr("subprocess.run", lambda *_, **__: halves.mkdir() or full)
    with pytest.raises(ContentError, match="blog was not released: The disk is full"):
        release(world, index="two")
    assert world.tree(world.here) == {"index": "one"}
    assert not halves.exists()
