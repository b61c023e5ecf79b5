"""Drift that is planted on a host is found, remembered and shown; secrets are not."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import cli, compare, drift, drift_look, drift_seen, links, metrics_file
from plugins.module_utils.evenkeel.errors import ActivationFailed
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.store import Store
from tests.unit.engine.builders import Draft, Scripted
from tests.unit.engine.world import BROKEN, NEW, World

INI = b"memory_limit = 128M\n"
SECRET = "hunter2-not-to-be-shown"
VHOSTS = "*:80 is a NameVirtualHost\n"


def write(host: Host, path: str, text: str) -> Path:
    place = Path(host.paths.at(path))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place


@pytest.fixture
def whole(host: Host, systemd: Scripted) -> Host:
    """A host on which nothing differs."""
    draft = Draft().site("blog").settings("blog", "config.php", SECRET.encode(), secret=True)
    draft.pool_file("apache2/apache2.conf", b"LoadModule headers_module mod_headers.so\n")
    draft.pool_file("apache2/mods.conf", b"LoadModule rewrite_module mod_rewrite.so\n")
    release = Store(host).stage(draft.manifest, lambda: draft.files().items())
    older = Draft().site("blog").site("shop").settings("blog", "config.php", SECRET.encode(), secret=True)
    Store(host).stage(older.manifest, lambda: older.files().items())
    Store(host).point_current(release.id)
    for path, lines in drift.entry_points(draft.manifest).items():
        write(host, path, "# a comment\n" + "\n".join(lines) + "\n")
    write(host, "/etc/php/8.2/fpm/php.ini", INI.decode())
    enabled = write(host, "/etc/php/8.2/fpm/conf.d/.keep", "").parent
    (enabled / "10-opcache.ini").symlink_to("/etc/php/8.2/mods-available/opcache.ini")
    digest = hashlib.md5(INI, usedforsecurity=False).hexdigest()
    write(host, "/var/lib/ucf/hashfile", "%s  /etc/php/8.2/fpm/php.ini\n" % digest)
    root = Path(host.paths.at("/srv/www/blog/public"))
    root.mkdir(parents=True)
    (root / "config.php").symlink_to(links.destination(links.Link("blog", "config.php")))
    systemd.says("apache2ctl", output=dumps(VHOSTS))
    return host


def dumps(vhosts: str = "", modules: str = " headers_module (shared)\n rewrite_module (shared)\n") -> str:
    return "VirtualHost configuration:\n%sLoaded Modules:\n core_module (static)\n%s" % (vhosts, modules)


def live(host: Host, path: str) -> Path:
    return Path(host.paths.current).resolve() / path


def kinds(host: Host) -> list[tuple[str, str, bool]]:
    return [(one.kind, one.path, one.lost) for one in drift_look.look(host).found]


def test_nothing_differs_on_a_host_that_nobody_touched(whole: Host) -> None:
    assert kinds(whole) == []


def test_a_host_without_a_release_has_no_drift(host: Host) -> None:
    assert drift_look.look(host).document()["release"] is None


def edited(host: Host) -> None:
    live(host, "apache2/sites/blog.conf").write_text("# by hand\n")


def removed(host: Host) -> None:
    live(host, "apache2/sites/blog.conf").unlink()


def added(host: Host) -> None:
    live(host, "apache2/sites/new.conf").write_text("# by hand\n")


def linked_folder(host: Host) -> None:
    live(host, "apache2/sites/more").symlink_to("/tmp")


def replaced(host: Host) -> None:
    """Same bytes, but of a file that may change tomorrow."""
    content = live(host, "apache2/sites/blog.conf").read_text()
    live(host, "apache2/sites/blog.conf").unlink()
    live(host, "apache2/sites/blog.conf").symlink_to(write(host, "/root/blog.conf", content))


def opened(host: Host) -> None:
    live(host, "settings/blog/config.php").chmod(0o644)


def stamped(host: Host) -> None:
    live(host, "apache2/release.conf").write_text("Define EVENKEEL_RELEASE another\n")


def led_elsewhere(host: Host) -> None:
    release = "Include /etc/evenkeel/current/apache2/apache2.conf\n"
    write(host, "/etc/apache2/apache2.conf", release + "IncludeOptional sites-enabled/*\n")


def leads_nowhere(host: Host) -> None:
    os.unlink(host.paths.at("/etc/php/8.2/fpm/php-fpm.conf"))


def tuned(host: Host) -> None:
    write(host, "/etc/php/8.2/fpm/php.ini", "memory_limit = 2G\n")


def tuned_beside(host: Host) -> None:
    write(host, "/etc/php/8.2/fpm/conf.d/99-mine.ini", "memory_limit = 2G\n")


def unlinked(host: Host) -> None:
    os.unlink(host.paths.at("/srv/www/blog/public/config.php"))


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (edited, ("changed", "apache2/sites/blog.conf", True)),
        (removed, ("missing", "apache2/sites/blog.conf", True)),
        (added, ("extra", "apache2/sites/new.conf", True)),
        (linked_folder, ("extra", "apache2/sites/more", True)),
        (replaced, ("changed", "apache2/sites/blog.conf", True)),
        (opened, ("changed", "settings/blog/config.php", True)),
        (stamped, ("changed", "apache2/release.conf", True)),
        (led_elsewhere, ("changed", "/etc/apache2/apache2.conf", False)),
        (leads_nowhere, ("missing", "/etc/php/8.2/fpm/php-fpm.conf", False)),
        (tuned, ("package", "/etc/php/8.2/fpm/php.ini", False)),
        (tuned_beside, ("package", "/etc/php/8.2/fpm/conf.d/99-mine.ini", False)),
        (unlinked, ("link", "settings/blog/config.php", False)),
    ],
)
def test_what_somebody_changed_is_found(whole: Host, plant, expected: tuple[str, str, bool]) -> None:  # type: ignore[no-untyped-def]
    plant(whole)
    assert kinds(whole) == [expected]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (dumps(modules=" headers_module (shared)\n info_module (shared)\n"), ("module", "info", False)),
        (
            dumps("*:80                   old.example (/etc/apache2/sites-enabled/old.conf:1)\n"),
            ("vhost", "/etc/apache2/sites-enabled/old.conf", False),
        ),
    ],
)
def test_what_apache_would_load_besides_is_found(
    whole: Host, systemd: Scripted, said: str, expected: tuple[str, str, bool]
) -> None:
    systemd.says("apache2ctl", output=said)
    assert kinds(whole) == [expected]


def test_an_apache_that_refuses_its_configuration_is_told(whole: Host, systemd: Scripted) -> None:
    systemd.says("apache2ctl", 1, "AH00526: Syntax error on line 3 of /etc/evenkeel/current/apache2/apache2.conf:")
    (found,) = drift_look.look(whole).found
    assert "Syntax error on line 3 of apache2/apache2.conf" in found.line()


def test_a_look_is_remembered_for_metrics_and_for_the_next_push(whole: Host, capsys: pytest.CaptureFixture[str]) -> None:
    edited(whole)
    assert cli.main(["drift"], whole) == 1
    assert "-<VirtualHost *>" in capsys.readouterr().out
    counted = metrics_file._drift(whole)
    assert counted is not None
    assert counted.found == {**dict.fromkeys(drift.KINDS, 0), "changed": 1}
    assert counted.at == whole.clock.now()
    assert not drift_look.remembered(whole)  # a push sees the release for itself
    tuned(whole)
    drift_look.remember(whole, drift_look.look(whole))
    assert drift_look.remembered(whole)


def test_nothing_secret_is_shown_or_remembered(whole: Host) -> None:
    live(whole, "settings/blog/config.php").chmod(0o600)
    live(whole, "settings/blog/config.php").write_text(SECRET + "-edited")
    live(whole, "settings/blog/copy-of-config.php").write_text(SECRET)
    found = drift_look.look(whole)
    drift_look.remember(whole, found)
    text = drift_look.text(whole, found)
    assert "settings/blog/config.php was edited by hand" in text
    assert "settings/blog/copy-of-config.php was added by hand" in text
    assert SECRET not in text + Path(whole.paths.drift).read_text() + Path(whole.paths.seen).read_text()


def test_a_diff_of_an_entry_point_speaks_of_what_counts(whole: Host) -> None:
    led_elsewhere(whole)
    text = drift_look.text(whole, drift_look.look(whole))
    assert "+IncludeOptional sites-enabled/*" in text
    assert "-Define EVENKEEL_PORT 80" in text
    assert "comment" not in text


def test_a_diff_says_where_the_old_text_may_be(whole: Host) -> None:
    live(whole, "apache2/apache2.conf").write_text("# by hand\n")
    assert "compare with build/" in drift_look.text(whole, drift_look.look(whole))


def aged(host: Host) -> None:
    """Marks are trusted once the clock has moved on from the last change."""
    host.clock.time = os.stat(live(host, "manifest.json")).st_ctime + 60  # type: ignore[attr-defined]


def test_a_push_reads_no_file_that_lies_as_it_did(whole: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    aged(whole)
    drift_look.look(whole)
    monkeypatch.setattr(compare, "hashed", lambda path: pytest.fail("%s was read" % path))
    store = Store(whole)
    assert drift_look.before_push(whole, store, store.load(str(store.current_id()))) == []


def test_an_edit_with_its_old_date_and_size_is_seen_by_a_push(whole: Host) -> None:
    aged(whole)
    drift_look.look(whole)
    place = live(whole, "apache2/sites/blog.conf")
    status, text = place.stat(), place.read_text()
    with open(place, "w") as stream:
        stream.write(text.replace("VirtualHost", "virtualhost"))
    os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert place.stat().st_size == status.st_size
    store = Store(whole)
    found = drift_look.before_push(whole, store, store.load(str(store.current_id())))
    assert [one.path for one in found] == ["apache2/sites/blog.conf"]


def test_a_file_that_was_just_written_is_not_trusted_by_its_date(whole: Host) -> None:
    whole.clock.time = os.stat(live(whole, "apache2/sites/blog.conf")).st_ctime  # type: ignore[attr-defined]
    drift_look.look(whole)
    assert "apache2/sites/blog.conf" not in drift_seen.load(whole, str(Store(whole).current_id()))


@pytest.mark.parametrize("damage", ["", "{", '{"release": 1}', '{"found": [{"x": 1}]}', '{"found": 7}', "[]"])
def test_notes_that_are_damaged_count_as_none(whole: Host, damage: str) -> None:
    write(whole, "/var/lib/evenkeel/drift.json", damage)
    write(whole, "/var/lib/evenkeel/seen.json", damage)
    assert not drift_look.remembered(whole)
    assert drift_seen.load(whole, "0123456789ab") == {}


def test_what_was_put_right_since_the_last_look_stops_nobody(whole: Host) -> None:
    tuned(whole)
    drift_look.remember(whole, drift_look.look(whole))
    store = Store(whole)
    release = store.load(str(store.current_id()))
    assert [one.kind for one in drift_look.before_push(whole, store, release)] == ["package"]
    write(whole, "/etc/php/8.2/fpm/php.ini", INI.decode())
    assert drift_look.before_push(whole, store, release) == []
    assert json.loads(Path(whole.paths.drift).read_text())["kinds"]["package"] == 1


def test_a_release_that_went_live_is_not_read_again_by_the_next_push(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    went_live(world)
    monkeypatch.setattr(compare, "hashed", lambda path: pytest.fail("%s was read" % path))
    assert drift_look.before_push(world.host, world.store, world.store.load(world.ids[NEW])) == []


def test_an_edit_of_a_release_that_went_live_is_seen_by_the_next_push(world: World) -> None:
    went_live(world)
    live(world.host, "apache2/sites/blog.conf").write_text("# by hand\n")
    found = drift_look.before_push(world.host, world.store, world.store.load(world.ids[NEW]))
    assert [one.path for one in found] == ["apache2/sites/blog.conf"]


def test_a_release_that_was_put_back_is_read_by_the_next_push(world: World) -> None:
    world.wrong[world.ids[NEW]] = [BROKEN]
    with pytest.raises(ActivationFailed):
        went_live(world)
    assert drift_seen.load(world.host, world.ids[NEW]) == {}


def went_live(world: World) -> None:
    world.prove()
    aged(world.host)
    world.engine().live(world.ids[NEW], 60)
