"""Nobody wrote a probe for this site. Its visitors are enough: what they ask for cannot be broken by a push."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from . import bed

HOST = "learn1"
SITE = "server_name: press.example\nkind: php\nhtaccess: true\n"
INDEX = """<?php
$conf = require __DIR__ . '/conf.php';
$root = $_SERVER['DOCUMENT_ROOT'];
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/logout') {
    touch($root . '/somebody-was-logged-out');
    exit('bye');
}
$titles = ['/' => 'Home', '/archive/' => 'Archive', '/contact' => 'Contact', '/dice' => 'Dice ' . random_int(1, 1 << 30)];
if (!isset($titles[$path])) {
    http_response_code(404);
    exit('nothing here');
}
if ($path === '/archive/') {
    $titles[$path] .= ' since ' . $conf['years'][0];
}
echo '<html><title>', $titles[$path], ' - ', $conf['name'], '</title>', str_repeat('<p>words</p>', 40), '</html>';
"""
HTACCESS = "RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule . /index.php [L]\n"
CONF = "<?php\nreturn ['name' => 'The Press', 'years' => [2019, 2020]];\n"
NO_YEARS = CONF.replace("'years'", "'jears'")  # a slip that the front page does not notice
VISITED = ("/", "/archive/", "/contact", "/dice", "/logout", "/nothing", "/contact?token=1")
HOSTILE = (
    b"GET http://press.example/absolute",
    b'GET /\\x22" 200 1 "-" "-" press.example x 1',
    b"GET /" + b"a" * 7000,
)

pytestmark = pytest.mark.hosts


class Press:
    """The site in its inventory, and the host that serves it."""

    def __init__(self, folder: Path) -> None:
        self.box = bed.up(HOST)
        self.inventory = bed.write_inventory(folder, [HOST], {"evenkeel_pool": {"name": "web"}})
        self.settings = folder / "sites/press/settings"
        self.settings.mkdir(parents=True)
        (self.settings.parent / "site.yml").write_text(SITE)
        for name, text in (("index.php", INDEX), (".htaccess", HTACCESS), ("conf.php", CONF)):
            (self.settings / name).write_text(text)

    def push(self, conf: str) -> str:
        (self.settings / "conf.php").write_text(conf)
        return bed.play("push.yml", self.inventory, check=False)

    def get(self, path: str) -> requests.Response:
        url = "http://%s%s" % (self.box.address, path)
        return requests.get(url, headers={"Host": "press.example"}, timeout=10)

    def probes(self) -> dict[str, dict[str, Any]]:
        """What the host would ask of the site, by kind and path."""
        document = json.loads(self.box.run("evenkeel", "probes", "press", "--json"))
        return {"%(kind)s %(path)s" % probe: probe for probe in document["probes"]}

    def send(self, request: bytes) -> None:
        with socket.create_connection((self.box.address, 80), timeout=10) as line:
            line.sendall(request)
            line.recv(100)


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Press]:
    """Live, and visited."""
    made = Press(tmp_path_factory.mktemp("learned") / "press")
    bed.play("site.yml", made.inventory)
    for path in VISITED * 5:
        made.get(path)
    for hostile in HOSTILE:
        made.send(hostile + b" HTTP/1.1\r\nHost: press.example\r\nConnection: close\r\n\r\n")
    made.box.run("rm", "/srv/www/press/public/somebody-was-logged-out")
    yield made
    bed.down(HOST)


def test_what_visitors_ask_for_is_learned_and_nothing_else(press: Press) -> None:
    found = press.probes()
    assert {name for name in found if name.startswith("learned")} == {
        "learned /", "learned /archive/", "learned /contact", "learned /dice"
    }  # fmt: skip
    assert found["learned /archive/"]["asked"] == 5


def test_a_change_that_breaks_a_deeper_page_is_refused_with_its_cause(press: Press) -> None:
    text = press.push(NO_YEARS)
    assert "press.example/archive/ answered with the title" in text or "press.example/archive/ answered 500" in text, text
    assert "since 2019" in press.get("/archive/").text


def test_a_site_may_get_another_name(press: Press) -> None:
    text = press.push(CONF.replace("The Press", "The Daily Press"))
    assert "published" in text, text
    assert "The Daily Press" in press.get("/contact").text


def test_the_verdict_says_what_was_learned_and_what_says_nothing(press: Press) -> None:
    current = press.box.run("readlink", "/etc/evenkeel/current").strip().rpartition("/")[2]
    verdict = json.loads(press.box.run("cat", "/var/lib/evenkeel/verdicts/%s.json" % current))["verdict"]
    assert verdict["learned"] == 4
    assert verdict["unstable"] == ["press.example/dice"]


def test_nothing_was_done_in_a_visitors_name(press: Press) -> None:
    assert "somebody-was-logged-out" not in press.box.run("ls", "/srv/www/press/public")


def test_what_evenkeel_asked_itself_is_not_learned(press: Press) -> None:
    assert press.probes()["learned /archive/"]["asked"] == 6
