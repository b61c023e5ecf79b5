"""What a push brings beside the site's files is for nobody's eyes."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.leftovers import check
from plugins.module_utils.evenkeel.plan import Change
from plugins.module_utils.evenkeel.probe import Answer
from plugins.module_utils.evenkeel.release import Release


class Twin:
    def __init__(self, status):
        self.status = status
        self.asked = []

    def ask(self, probes):
        self.asked += [probe.path for probe in probes]
        return [Answer(self.status) for _ in probes]


@pytest.fixture
def told(manifest, tmp_path):
    def look(path, content="", status=200):
        name = "settings/docs/" + path
        live = Release("live", "", manifest, {})
        files = {**manifest.files, name: manifest.files["apache2/sites/docs.conf"]}
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(content)
        candidate = Release("new", str(tmp_path), type(manifest)("web", ("8.2",), files, manifest.sites), {})
        change = Change(("docs",), (), (), (), (), (), (), ("docs",))
        return [failure.url for failure in check(live, candidate, change, Twin(status))], check(
            candidate, candidate, change, Twin(status)
        )

    return look


@pytest.mark.parametrize("path", [".env", "dump.sql", "config.php.bak", "inc/site.css~", ".git/config", "id_rsa"])
def test_what_was_meant_for_nobody_is_told_once(told, path):
    assert told(path) == (["docs.example/" + path], [])


def test_what_the_server_keeps_shut_is_fine(told):
    assert told("dump.sql", status=403) == ([], [])


def test_a_key_is_known_by_what_it_holds(told):
    assert told("tls.txt", "-----BEGIN RSA PRIVATE KEY-----\n")[0] == ["docs.example/tls.txt"]


def test_a_page_that_tells_all_of_php_is_told(told):
    assert told("info.php", "<?php phpinfo();")[0] == ["docs.example/info.php"]


@pytest.mark.parametrize(
    "path", ["index.html", "feed.json", ".well-known/security.txt", "environment.css", "admin.php", "slides.key"]
)
def test_files_for_visitors_are_fine(told, path):
    assert told(path, "<?php // phpinfo is off\n") == ([], [])
