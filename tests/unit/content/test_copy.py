"""What a replica has after a run is what the origin has; what is not the tenant's stays as it was."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_content import cli, files, look
from tests.unit.content.builders import LINK, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    for name in ("index.html", "about.html", "css/a.css", "img/b.svg"):
        found.write(found.origin, name, name)
    return found


@pytest.fixture
def copied(world: World) -> World:
    assert world.run()["outcome"] == "ok"
    return world


def test_files_modes_and_links_of_the_tenant_come_along(world):
    world.write(world.origin, "cgi", "#!").chmod(0o750)
    world.write(world.origin, "suid", "x").chmod(0o6755)
    (world.origin / "blog/public/link").symlink_to("index.html")
    (world.origin / "blog/public/my \nname").write_text("odd")
    (world.origin / "blog/public/up\n").symlink_to("my \nname")
    assert world.run()["outcome"] == "ok"
    assert world.tree(world.here) == world.tree(world.origin)
    assert stat.S_IMODE((world.here / "blog/public/cgi").stat().st_mode) == 0o750
    assert stat.S_IMODE((world.here / "blog/public/suid").stat().st_mode) == 0o755


def test_what_is_deleted_at_the_origin_is_deleted_here(copied):
    (copied.origin / "blog/public/about.html").unlink()
    assert copied.run()["outcome"] == "ok"
    assert "about.html" not in copied.tree(copied.here)


def test_settings_links_are_neither_copied_nor_overwritten_nor_deleted(world):
    world.release("only-here.php", "plain-there.php")
    for path in ("only-here.php", "plain-there.php"):
        world.settings(world.here, path)
    world.write(world.origin, "plain-there.php", "the tenant's, before the push")
    world.settings(world.origin, "only-there.php")
    world.settings(world.origin, "plain-here.php")
    world.write(world.here, "plain-here.php", "adopted at the origin by a newer release")
    assert world.run()["outcome"] == "ok"
    here = world.tree(world.here)
    assert here["only-here.php"] == "-> " + LINK % ("blog", "only-here.php")
    assert here["plain-there.php"] == "-> " + LINK % ("blog", "plain-there.php")
    assert here["plain-here.php"] == "adopted at the origin by a newer release"
    assert "only-there.php" not in here


def test_a_link_of_a_release_that_is_staged_but_not_live_is_kept(copied):
    copied.release()
    staged = Path(copied.paths.releases) / "bbbbbbbbbbbb"
    staged.mkdir()
    (staged / "manifest.json").write_text('{"files": {"settings/blog/new.php": {}}}')
    copied.settings(copied.here, "new.php")
    assert copied.run()["outcome"] == "ok"
    assert "new.php" in copied.tree(copied.here)


def test_private_folders_of_a_host_are_its_own(world):
    for side, text in ((world.origin, "there"), (world.here, "here")):
        (side / "blog/sessions").mkdir()
        (side / "blog/sessions/sess_1").write_text(text)
    world.run()
    assert (world.here / "blog/sessions/sess_1").read_text() == "here"


def empty(root: Path) -> None:
    for each in root.rglob("*"):
        if each.is_file():
            each.write_text("")


@pytest.mark.parametrize("lose", [shutil.rmtree, empty])
def test_a_site_that_lost_most_of_itself_is_kept_until_somebody_accepts(copied, lose):
    before = copied.tree(copied.here)
    lose(copied.origin / "blog/public")
    (copied.origin / "blog/public").mkdir(exist_ok=True)
    state = copied.run()
    assert state["outcome"] == "refused"
    assert "evenkeel-content accept blog" in state["message"]
    assert copied.tree(copied.here) == before
    cli._accept(copied.paths, "blog")
    assert copied.run()["outcome"] == "ok"
    assert copied.tree(copied.here) == copied.tree(copied.origin)


def test_accepting_a_loss_accepts_no_greater_one(copied):
    for name in ("about.html", "css/a.css", "img/b.svg"):
        (copied.origin / "blog/public" / name).unlink()
    copied.run()
    cli._accept(copied.paths, "blog")
    (copied.origin / "blog/public/index.html").unlink()
    assert copied.run()["outcome"] == "refused"
    assert len(copied.tree(copied.here)) == 4


def test_a_folder_that_was_renamed_is_no_loss(copied):
    (copied.origin / "blog/public").rename(copied.origin / "blog/old")
    assert copied.run()["outcome"] == "ok"


def test_what_only_the_former_origin_has_is_kept_aside(copied):
    copied.write(copied.here, "upload.jpg", "came in before the power went")
    copied.write(copied.here, "index.html", "edited here at last!")
    copied.epoch = 2
    state = copied.run()
    assert state["outcome"] == "ok"
    assert copied.tree(copied.here) == copied.tree(copied.origin)
    kept = {path.name: path.read_text() for path in Path(state["kept"]).rglob("*") if path.is_file()}
    assert kept == {"upload.jpg": "came in before the power went", "index.html": "edited here at last!"}
    assert copied.run()["kept"] == state["kept"]


def test_an_origin_without_the_site_changes_nothing(copied):
    before = copied.tree(copied.here)
    shutil.rmtree(copied.origin / "blog")
    assert copied.run()["outcome"] == "failed"
    assert copied.tree(copied.here) == before


def test_a_home_that_no_release_made_yet_is_told(world):
    shutil.rmtree(world.here / "blog")
    assert "site.yml" in world.run()["message"]


def test_a_look_names_the_sites_that_differ(world):
    world.sites += ["shop", "club"]
    world.home("shop")
    world.home("club")
    (world.origin / "shop/public/basket.php").write_text("new")
    world.settings(world.origin, "wp-config.php")
    world.run()
    look.look(world.config, world.paths)
    assert files.read(world.paths.look)["changed"] == ["shop"]


def test_an_origin_that_does_not_answer_is_away(copied, tmp_path):
    (tmp_path / "away").touch()
    look.look(copied.config, copied.paths)
    told = files.read(copied.paths.look)
    assert (told["away"], told["changed"]) == (True, [])


def test_a_run_that_was_killed_leaves_nothing_that_the_next_one_does_not_mend(copied):
    """rsync's own halves lie where a kill left them; neither they nor old halves of links reach the site's tree for good."""
    halves = copied.here / "blog/public/.~tmp~"
    halves.mkdir()
    (halves / "index.html").write_text("half")
    copied.write(copied.origin, "index.html", "whole, and new")
    assert copied.run()["outcome"] == "ok"
    assert copied.tree(copied.here) == copied.tree(copied.origin)
    assert not halves.exists() or os.listdir(halves) == []
