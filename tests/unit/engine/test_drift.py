"""What counts as drift, from what was read on a host."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest

from plugins.module_utils.evenkeel import drift
from plugins.module_utils.evenkeel.apache_config import Vhost
from plugins.module_utils.evenkeel.drift import Finding, Shipped
from plugins.module_utils.evenkeel.manifest import EDGE, Manifest
from tests.unit.engine.builders import Draft

ROOT = Path(__file__).parents[3]
WEB = Draft().manifest
AT_EDGE = Manifest("edge", (), {}, {}, EDGE)
A, B = "a" * 32, "b" * 32
DPKG = """\
installed

 /etc/apache2/envvars %(a)s
 /etc/apache2/gone.conf %(b)s obsolete
 /etc/apache2/coming.conf newconffile
config-files

 /etc/php/8.1/fpm/php-fpm.conf %(a)s
installed

 /etc/apache2/apache2.conf %(b)s
 /etc/logrotate.d/apache2 %(b)s
""" % {"a": A, "b": B}


@pytest.mark.parametrize(
    ("path", "template", "manifest"),
    [
        ("/etc/apache2/apache2.conf", "apache/templates/etc/apache2/apache2.conf.j2", WEB),
        ("/etc/php/8.2/fpm/php-fpm.conf", "php_fpm/templates/etc/php/fpm/php-fpm.conf.j2", WEB),
        ("/etc/default/haproxy", "haproxy/templates/etc/default/haproxy.j2", AT_EDGE),
        ("/etc/keepalived/keepalived.conf", "keepalived/templates/etc/keepalived/keepalived.conf.j2", AT_EDGE),
    ],
)
def test_what_the_roles_write_is_no_drift(path: str, template: str, manifest: Manifest) -> None:
    values = {"item": "8.2", "haproxy_http": "*:80", "haproxy_https": "*:443", "haproxy_metrics": "127.0.0.1:8404"}
    made = jinja2.Environment(undefined=jinja2.StrictUndefined)
    written = made.from_string((ROOT / "roles" / template).read_text()).render(values)
    wanted = drift.entry_points(manifest)
    assert list(drift.of_entry_points({path: wanted[path]}, {path: written})) == []
    assert [one.kind for one in drift.of_entry_points({path: wanted[path]}, {path: written + "\nMore on\n"})] == ["changed"]
    assert [one.kind for one in drift.of_entry_points({path: wanted[path]}, {path: None})] == ["missing"]


def test_only_files_of_installed_packages_are_watched_and_not_those_of_the_roles() -> None:
    ucf = "%s  /etc/php/8.2/fpm/php.ini\n%s  /etc/default/grub\n" % (A, B)
    shipped = [*drift.conffiles(DPKG), *drift.ucf_files(ucf)]
    found = drift.watched(shipped, drift.entry_points(WEB))
    assert found == [Shipped("/etc/apache2/envvars", A), Shipped("/etc/php/8.2/fpm/php.ini", A)]


@pytest.mark.parametrize(("manifest", "roles"), [(WEB, ("apache", "php_fpm")), (AT_EDGE, ("haproxy", "keepalived"))])
def test_what_a_role_writes_in_the_place_of_a_package_s_file_is_not_watched(manifest: Manifest, roles: tuple[str, ...]) -> None:
    tasks = "\n".join(path.read_text() for role in roles for path in (ROOT / "roles" / role / "tasks").glob("*.yml"))
    written = re.findall(r"(?:dest|path): (/etc/(?!evenkeel|systemd)\S+)$", tasks.replace("{{ item }}", "8.2"), re.MULTILINE)
    assert set(drift.entry_points(manifest)) <= set(written)
    shipped = [Shipped(path, A) for path in written if not path.endswith((".debian", "failover.list", "evenkeel-haproxy.conf"))]
    assert drift.watched(shipped, drift.entry_points(manifest)) == []


def test_a_package_s_file_that_changed_went_or_came_is_drift() -> None:
    shipped = [Shipped("/etc/apache2/envvars", A), Shipped("/etc/apache2/magic", A), Shipped("/etc/php/8.2/fpm/php.ini", A)]
    sums = {"/etc/apache2/envvars": A, "/etc/apache2/magic": None, "/etc/php/8.2/fpm/php.ini": B}
    found = [one.path for one in drift.of_packages(shipped, sums, ["/etc/php/8.2/fpm/conf.d/99-mine.ini"])]
    assert found == ["/etc/apache2/magic", "/etc/php/8.2/fpm/php.ini", "/etc/php/8.2/fpm/conf.d/99-mine.ini"]


def test_a_module_that_the_release_does_not_load_is_drift() -> None:
    dump = ["Loaded Modules:", " core_module (static)", " headers_module (shared)", " status_module (shared)"]
    wanted = drift.modules_wanted("LoadModule headers_module mod_headers.so\n# LoadModule status_module mod_status.so\n")
    assert [one.path for one in drift.of_modules(drift.modules_loaded(dump), wanted)] == ["status"]


def test_a_vhost_of_no_file_of_the_release_is_drift() -> None:
    manifest = Draft().site("blog").manifest
    ours = Vhost("*", "80", "blog.example", "/etc/evenkeel/current/apache2/sites/blog.conf", 1, False)
    theirs = Vhost("*", "80", "new.example", "/etc/apache2/sites-enabled/new.conf", 1, False)
    added = Vhost("*", "80", "sly.example", "/etc/evenkeel/current/apache2/sites/sly.conf", 1, False)
    found = list(drift.of_vhosts([ours, theirs, theirs, added], manifest))
    assert [one.path for one in found] == ["/etc/apache2/sites-enabled/new.conf", "apache2/sites/sly.conf"]
    assert "new.example" in found[0].what


def test_a_refusal_names_what_would_be_lost_and_the_word_for_it() -> None:
    lost = Finding(drift.CHANGED, "apache2/sites/blog.conf", "was edited by hand", lost=True)
    left = Finding(drift.PACKAGE, "/etc/php/8.2/fpm/php.ini", "is not as its package brought it")
    link = Finding(drift.LINK, "settings/blog/config.php", "has no link in the document root")
    both = drift.refusal("0123456789ab", [lost, left, link])
    assert "apache2/sites/blog.conf was edited by hand" in both
    assert "php.ini" in both
    assert "adopt_drift=keep" not in both
    assert "config.php" not in both
    assert "adopt_drift=keep" in drift.refusal("0123456789ab", [left])
    assert "adopt_drift=overwrite" not in drift.refusal("0123456789ab", [left])


def test_every_kind_is_counted_also_where_there_is_none() -> None:
    counts = drift.counted([Finding(drift.EXTRA, "x", "y"), Finding(drift.EXTRA, "z", "y")])
    assert counts == {**dict.fromkeys(drift.KINDS, 0), "extra": 2}


def test_a_long_list_says_how_many_more_there_are() -> None:
    assert drift.named(Finding(drift.EXTRA, str(n), "x") for n in range(7)).endswith("4 x; and 2 more")
