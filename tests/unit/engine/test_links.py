"""Settings links inside folders of tenants: theirs is given back, and root is never led elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import links
from plugins.module_utils.evenkeel.errors import EvenkeelError, ForeignFile
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.release import Release
from plugins.module_utils.evenkeel.store import Store
from tests.unit.engine.builders import Draft

LINK = "/etc/evenkeel/current/settings/blog/conf/site.php"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to users, as the engine does")
Trap = Callable[[Path, Path], None]


def stage(store: Store, *sites: str, extra: bytes | None = None) -> Release:
    draft = Draft()
    for site in ("blog", "shop"):
        draft.site(site)
        if site in sites:
            draft.settings(site, "conf/site.php", extra or b"<?php // the truth's\n")
    return store.stage(draft.manifest, lambda: draft.files().items())


@pytest.fixture
def without(store: Store) -> Release:
    return stage(store)


@pytest.fixture
def candidate(store: Store) -> Release:
    return stage(store, "blog", "shop")


@pytest.fixture
def public(host: Host) -> Path:
    for site in ("blog", "shop"):
        Path(host.paths.at("/srv/www/%s/public" % site)).mkdir(parents=True)
    return Path(host.paths.at("/srv/www/blog/public"))


def settle(host: Host, other: Release, target: Release) -> None:
    links.apply(host, links.changes(host, other, target, ["blog", "shop"]), other, target)


def kinds(host: Host, other: Release, target: Release) -> dict[str, str]:
    return {change.link.site: change.kind for change in links.changes(host, other, target, ["blog", "shop"])}


def test_a_settings_file_is_linked_through_current(host: Host, public: Path, without: Release, candidate: Release) -> None:
    settle(host, without, candidate)
    assert os.readlink(public / "conf/site.php") == LINK
    assert kinds(host, without, candidate) == {}


def test_a_link_goes_with_its_release_and_the_tenant_s_other_files_stay(
    host: Host, public: Path, without: Release, candidate: Release
) -> None:
    settle(host, without, candidate)
    (public / "conf/mine.txt").write_text("the tenant's")
    settle(host, candidate, without)
    assert os.listdir(public / "conf") == ["mine.txt"]


def test_a_file_with_the_very_content_is_adopted_and_comes_back_when_the_link_goes(
    host: Host, public: Path, without: Release, candidate: Release
) -> None:
    (public / "conf").mkdir()
    (public / "conf/site.php").write_text("<?php // the truth's\n")
    assert kinds(host, without, candidate)["blog"] == links.ADOPT
    settle(host, without, candidate)
    assert os.readlink(public / "conf/site.php") == LINK
    settle(host, candidate, without)
    assert (public / "conf/site.php").read_text() == "<?php // the truth's\n"
    assert not (public / "conf/site.php").is_symlink()


def test_a_file_with_other_content_is_never_taken_away(host: Host, public: Path, without: Release, candidate: Release) -> None:
    (public / "conf").mkdir()
    (public / "conf/site.php").write_text("<?php // edited by the tenant\n")
    found = links.changes(host, without, candidate, ["blog", "shop"])
    with pytest.raises(ForeignFile, match=r"conf/site\.php.*settings/conf/site\.php of site blog"):
        links.refuse_foreign(found, candidate)
    links.apply(host, found, without, candidate)
    assert (public / "conf/site.php").read_text() == "<?php // edited by the tenant\n"


def test_a_link_of_somebody_else_is_replaced_and_not_removed_later(
    host: Host, public: Path, without: Release, candidate: Release
) -> None:
    (public / "conf").mkdir()
    (public / "conf/site.php").symlink_to("/tmp/elsewhere.php")
    assert kinds(host, without, candidate)["blog"] == links.REPLACE
    assert "blog" not in kinds(host, candidate, without)


def folder_is_a_link(public: Path, victim: Path) -> None:
    (public / "conf").symlink_to(victim)


def root_is_a_link(public: Path, victim: Path) -> None:
    public.rmdir()
    public.symlink_to(victim)


def home_is_a_link(public: Path, victim: Path) -> None:
    public.rmdir()
    public.parent.rmdir()
    public.parent.symlink_to(victim)


def folder_is_a_file(public: Path, victim: Path) -> None:
    (public / "conf").write_text("no folder")


def folder_instead_of_file(public: Path, victim: Path) -> None:
    (public / "conf/site.php").mkdir(parents=True)


def pipe_instead_of_file(public: Path, victim: Path) -> None:
    (public / "conf").mkdir()
    os.mkfifo(public / "conf/site.php")


def huge_file(public: Path, victim: Path) -> None:
    (public / "conf").mkdir()
    with (public / "conf/site.php").open("wb") as stream:
        stream.truncate(1 << 40)


TRAPS: list[Trap] = [
    folder_is_a_link,
    root_is_a_link,
    home_is_a_link,
    folder_is_a_file,
    folder_instead_of_file,
    pipe_instead_of_file,
    huge_file,
]


@pytest.mark.parametrize("trap", TRAPS)
def test_a_tenant_s_trap_is_that_site_s_problem_and_leads_root_nowhere(
    host: Host, public: Path, without: Release, candidate: Release, tmp_path: Path, trap: Trap
) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "site.php").write_text("precious")
    trap(public, victim)
    assert kinds(host, without, candidate) == {"blog": links.FOREIGN, "shop": links.ADD}
    settle(host, without, candidate)
    assert (victim / "site.php").read_text() == "precious"
    assert os.listdir(victim) == ["site.php"]
    assert Path(host.paths.at("/srv/www/shop/public/conf/site.php")).is_symlink()


def test_a_trap_set_after_the_look_stops_no_neighbour(
    host: Host, public: Path, without: Release, candidate: Release, tmp_path: Path
) -> None:
    found = links.changes(host, without, candidate, ["blog", "shop"])
    (tmp_path / "victim").mkdir()
    folder_is_a_link(public, tmp_path / "victim")
    with pytest.raises(EvenkeelError, match="of site blog"):
        links.apply(host, found, without, candidate)
    assert os.listdir(tmp_path / "victim") == []
    assert Path(host.paths.at("/srv/www/shop/public/conf/site.php")).is_symlink()


def test_going_back_passes_a_trap_and_clears_the_neighbours(
    host: Host, public: Path, without: Release, candidate: Release, tmp_path: Path
) -> None:
    settle(host, without, candidate)
    os.rename(public / "conf", tmp_path / "moved")
    (public / "conf").symlink_to(tmp_path / "moved")
    settle(host, candidate, without)
    assert (tmp_path / "moved/site.php").is_symlink()
    assert not Path(host.paths.at("/srv/www/shop/public/conf/site.php")).is_symlink()
