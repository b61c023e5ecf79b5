"""The server around the sites, and PHP-FPM, rendered without a host."""

from __future__ import annotations

import re

import pytest

from plugins.module_utils.evenkeel_compiler.model import Php, Pool

from .builders import EVERY_KIND, compiled, lines, php_site, static_site, text

MAIN = "apache2/apache2.conf"


def main_conf(pool: Pool | None = None) -> str:
    return text(compiled(*EVERY_KIND, pool=pool), MAIN)


def pattern_around(marker: str) -> re.Pattern[str]:
    """The FilesMatch pattern that follows a comment."""
    after = main_conf().split(marker)[1]
    return re.compile(re.search(r'<FilesMatch "(.*)">', after).group(1))  # type: ignore[union-attr]


def test_hardening_is_there() -> None:
    shown = lines(main_conf())
    for directive in ("ServerTokens Prod", "ServerSignature Off", "TraceEnable Off", "Options SymLinksIfOwnerMatch"):
        assert directive in shown
    root = shown.index('<Directory "/">')
    assert shown[root + 2 : root + 4] == ["AllowOverride None", "Require all denied"]
    assert not [line for line in shown if "FollowSymLinks" in line]


def test_the_release_is_known_before_it_is_used() -> None:
    shown = main_conf()
    assert shown.index("IncludeOptional /etc/evenkeel/current/apache2/release.conf") < shown.index('"${EVENKEEL_RELEASE}"')


def test_the_first_vhost_serves_nobody() -> None:
    shown = main_conf()
    first = shown[shown.index("<VirtualHost") : shown.index("</VirtualHost>")]
    assert "ServerName evenkeel.localhost" in first and "RedirectMatch 404" in first
    assert shown.index("<VirtualHost") < shown.index("sites/*.conf")


def test_stamps_of_applications_are_dropped_and_ours_are_for_probers_only() -> None:
    shown = main_conf(Pool("web", trusted_probers=("192.0.2.0/24",)))
    for name in ("Evenkeel-Site", "Evenkeel-Release"):
        assert f"Header onsuccess unset {name}" in shown and f"Header always unset {name}" in shown
    assert "-ipmatch '127.0.0.0/8' ||" in shown and "-ipmatch '192.0.2.0/24'\"" in shown


def test_no_site_changes_the_main_file() -> None:
    assert text(compiled(), MAIN) == text(compiled(*EVERY_KIND), MAIN)


@pytest.mark.parametrize("name", ["wp-config.php.bak", "x.phpp", "X.PHP", "x.php~", "a.phtml", "a.phar", "x.php5", "x.php.txt"])
def test_php_under_another_name_is_denied(name: str) -> None:
    assert pattern_around("PHP under any name").search(name)


@pytest.mark.parametrize("name", ["index.php", "a.b.php", "photo.jpg", "guide.pharma.html", "x.phone", "alphabet.html"])
def test_php_and_innocent_files_are_not(name: str) -> None:
    assert not pattern_around("PHP under any name").search(name)


@pytest.mark.parametrize("name", ["db.sql", "db.sql.gz", "x~", "a.BAK", "a.old", ".x.swp", "a.orig", "a.save", "a.inc"])
def test_left_overs_are_denied(name: str) -> None:
    assert pattern_around("leave behind").search(name)


@pytest.mark.parametrize("name", [".env", ".git", ".htaccess", ".user.ini"])
def test_hidden_files_are_denied_but_not_well_known(name: str) -> None:
    hidden = pattern_around("Hidden files")
    assert hidden.search(name) and not hidden.search(".well-known")


def test_htaccess_may_not_pick_handlers() -> None:
    allowed = re.search(r'EVENKEEL_HTACCESS "(.*)"', main_conf()).group(1).split()  # type: ignore[union-attr]
    assert "RewriteRule" in allowed
    assert not {"SetHandler", "AddHandler", "Action", "ProxyFCGISetEnvIf", "ProxyPass", "FilterProvider"} & set(allowed)


def test_workers_leave_room_for_a_reload() -> None:
    shown = lines(main_conf(Pool("web", max_request_workers=4001)))
    assert "MaxRequestWorkers 4025" in shown and "ServerLimit 322" in shown


def test_modules_are_loaded_once() -> None:
    shown = main_conf(Pool("web", extra_modules=("headers", "brotli")))
    assert shown.count("LoadModule headers_module") == 1 and shown.count("LoadModule brotli_module") == 1


def test_a_master_always_holds_its_own_pool() -> None:
    shown = lines(text(compiled(static_site()), "php/8.2/php-fpm.conf"))
    assert "process_control_timeout = 10s" in shown
    assert shown.index("[evenkeel]") > shown.index("include = /etc/evenkeel/current/php/8.2/pool.[d]/*.conf")


def test_each_php_version_has_a_master_and_a_ping() -> None:
    site = php_site("legacy", php=Php("7.4", "/run/php/legacy.sock", "shared", 5, 500, 60, 10, ()))
    release = compiled(site, php_site())
    assert release.manifest.php_versions == ("7.4", "8.2")
    assert "php/7.4/php-fpm.conf" in release.files and "/.evenkeel/php/7.4" in text(release, MAIN)


def test_a_pool_is_confined_to_its_site() -> None:
    shown = lines(text(compiled(php_site()), "php/8.2/pool.d/blog.conf"))
    for line in (
        "user = blog",
        "listen.mode = 0660",
        "security.limit_extensions = .php",
        "php_admin_value[open_basedir] = /srv/www/blog/:/etc/evenkeel/current/settings/blog/:/usr/share/php/",
        "php_admin_value[display_errors] = off",
        "php_admin_value[upload_tmp_dir] = /srv/www/blog/tmp",
        "php_admin_value[post_max_size] = 16M",
    ):
        assert line in shown
    assert not [line for line in shown if "error_log" in line]


def test_a_sites_own_limit_wins_but_no_guard_falls() -> None:
    php = Php("8.2", "/run/php/blog.sock", "shared", 5, 500, 60, 10, (("display_errors", "on"), ("post_max_size", "64M")))
    shown = text(compiled(php_site(php=php)), "php/8.2/pool.d/blog.conf")
    assert "[post_max_size] = 64M" in shown and "[display_errors] = off" in shown


def test_a_dedicated_site_has_a_master_of_its_own() -> None:
    release = compiled(php_site(isolation="dedicated"))
    shown = text(release, "php/8.2/dedicated/blog.conf")
    assert "pid = /run/php/php8.2-fpm-blog.pid" in shown and shown.index("[global]") < shown.index("[blog]")
    assert "php/8.2/pool.d/blog.conf" not in release.files


def test_folders_are_made_from_the_top() -> None:
    release = compiled(php_site(document_root="/srv/www/blog/app/web"))
    made = [line.split()[1] for line in lines(text(release, "tmpfiles.d/evenkeel.conf")) if line.startswith("d ")]
    assert made[:4] == ["/srv/www", "/srv/www/blog", "/srv/www/blog/app", "/srv/www/blog/app/web"]
