"""A release on a host is whole or absent, and what a revert may need is never pruned."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel.disk import Disk
from plugins.module_utils.evenkeel.errors import DiskFull, EvenkeelError, InvalidRelease
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.store import Store
from tests.unit.engine.builders import Draft, Scripted, Standing

DAY_S = 86400.0


def stage(store: Store, draft: Draft) -> str:
    return store.stage(draft.manifest, lambda: draft.files().items()).id


def draft(number: int) -> Draft:
    return Draft().site("blog").settings("blog", "number.txt", b"%d\n" % number)


def test_a_staged_release_is_whole(store: Store) -> None:
    release = store.load(stage(store, draft(1)))
    assert store.drift(release) == []
    assert Path(release.file("settings/blog/number.txt")).read_bytes() == b"1\n"
    assert Path(release.file("apache2/release.conf")).read_text().endswith("EVENKEEL_RELEASE %s\n" % release.id)


def test_a_release_that_breaks_off_leaves_nothing(store: Store, host: Host) -> None:
    def contents() -> Iterator[tuple[str, bytes]]:
        yield "apache2/apache2.conf", b"ServerName localhost\n"
        raise InvalidRelease("the payload was cut short")

    with pytest.raises(InvalidRelease):
        store.stage(draft(1).manifest, contents)
    assert os.listdir(host.paths.releases) == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing(store: Store, host: Host) -> None:
    def contents() -> Iterator[tuple[str, bytes]]:
        raise OSError(28, "No space left on device", "/etc/evenkeel/releases/x")
        yield "", b""

    with pytest.raises(DiskFull, match="nothing was changed"):
        store.stage(draft(1).manifest, contents)
    assert os.listdir(host.paths.releases) == []


def test_a_user_that_cannot_be_made_is_told_and_leaves_nothing(store: Store, host: Host, systemd: Scripted) -> None:
    systemd.says("systemd-sysusers", 1, "Failed to add user blog: uid in use")
    with pytest.raises(EvenkeelError, match="uid in use"):
        stage(store, draft(1).pool_file("sysusers.d/evenkeel.conf", b"u blog\n"))
    assert os.listdir(host.paths.releases) == []


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda path: (path / "apache2/sites/blog.conf").write_text("# by hand\n"), "edited by hand"),
        (lambda path: (path / "apache2/sites/blog.conf").unlink(), "is gone"),
        (lambda path: (path / "apache2/sites/blog.conf").chmod(0o666), "mode 0666"),
        (lambda path: (path / "apache2/sites/zz.conf").write_text("# by hand\n"), "added by hand"),
        (lambda path: (path / "apache2/release.conf").write_text("Define EVENKEEL_RELEASE x\n"), "edited by hand"),
    ],
)
def test_an_edit_by_hand_is_named(store: Store, edit: object, told: str) -> None:
    release = store.load(stage(store, draft(1)))
    edit(Path(release.path))  # type: ignore[operator]
    assert len(store.drift(release)) == 1
    assert told in store.drift(release)[0]


def test_a_damaged_release_that_is_not_live_is_brought_anew(store: Store) -> None:
    release = store.load(stage(store, draft(1)))
    Path(release.file("apache2/sites/blog.conf")).unlink()
    assert store.drift(store.load(stage(store, draft(1)))) == []


def damaged(store: Store) -> str:
    release = store.load(stage(store, draft(1)))
    Path(release.file("apache2/sites/blog.conf")).write_text("# by hand\n")
    return release.path


def test_a_damaged_release_can_be_read_until_the_whole_one_is_in_its_place(store: Store, host: Host) -> None:
    """PHP remembers real paths for two minutes: visitors may still be served from there."""
    folder = Path(damaged(store))
    seen: list[bool] = []

    class Watching(Disk):
        def step(self, what: str, path: str) -> None:
            seen.append((folder / "settings/blog/number.txt").is_file())

    host.disk = Watching()
    assert store.drift(store.load(stage(store, draft(1)))) == []
    assert seen and all(seen)
    assert os.listdir(host.paths.releases) == [folder.name]


def test_where_folders_cannot_be_swapped_the_damaged_one_makes_room(store: Store, host: Host) -> None:
    class Old(Disk):
        def exchange(self, source: str, destination: str) -> None:
            raise OSError(errno.EINVAL, "renameat2 failed", destination)

    folder = Path(damaged(store))
    host.disk = Old()
    assert store.drift(store.load(stage(store, draft(1)))) == []
    assert os.listdir(host.paths.releases) == [folder.name]


@pytest.mark.parametrize("link", ["current", "known_good"])
def test_a_live_release_that_was_edited_is_left_alone(store: Store, link: str) -> None:
    release = store.load(stage(store, draft(1)))
    getattr(store, "point_" + link)(release.id)
    edited = Path(release.file("apache2/sites/blog.conf"))
    edited.write_text("# by hand\n")
    with pytest.raises(InvalidRelease, match="edited by hand"):
        stage(store, draft(1))
    assert edited.read_text() == "# by hand\n"


def test_a_folder_that_bears_another_release_s_name_is_refused(store: Store, host: Host) -> None:
    release = store.load(stage(store, draft(1)))
    copied = host.paths.release("0123456789ab")
    os.rename(release.path, copied)
    with pytest.raises(InvalidRelease, match="edited or copied"):
        store.load("0123456789ab")


@pytest.mark.parametrize("name", ["../../etc", "", "0123456789AB", "0123456789ab\n", "x" * 12])
def test_a_name_that_is_no_release_never_becomes_a_path(store: Store, name: str) -> None:
    with pytest.raises(InvalidRelease):
        store.load(name)


def test_pruning_keeps_what_a_revert_may_need_and_what_is_young(store: Store, host: Host, clock: Standing) -> None:
    ids = [stage(store, draft(number)) for number in range(6)]
    for age, release_id in enumerate(reversed(ids)):
        then = clock.now() - age * DAY_S
        os.utime(host.paths.release(release_id), (then, then))
    removed = store.prune(keep=1, protected=[ids[0], ids[2]], older_than_s=2.5 * DAY_S)
    assert removed == [ids[1]]
    assert set(store.ids()) == set(ids) - {ids[1]}


def test_half_written_releases_and_files_are_swept(store: Store, host: Host) -> None:
    stage(store, draft(1))
    os.makedirs(os.path.join(host.paths.releases, ".staging-0123456789ab", "apache2"))
    halves = [host.paths.state + ".77.new", host.paths.current + ".new"]
    for path in halves:
        Path(path).write_text("")
    store.sweep()
    assert os.listdir(host.paths.releases) == [draft(1).id]
    assert not any(map(os.path.lexists, halves))


def test_current_is_one_symlink_that_is_replaced_as_a_whole(store: Store, host: Host) -> None:
    one, two = stage(store, draft(1)), stage(store, draft(2))
    store.point_current(one)
    store.point_current(two)
    assert os.readlink(host.paths.current) == "releases/" + two
    assert store.current_id() == two
