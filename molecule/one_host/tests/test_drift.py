"""Somebody edits a host that serves visitors: it is noticed, shown, and published over only when that was said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hosts.fleet import Truth, Visitors, get, status

HOST = "bookworm1"
CONF = "/etc/evenkeel/current/apache2/sites/brochure.conf"
MAIN = "/etc/apache2/apache2.conf"
INI = "/etc/php/8.2/fpm/php.ini"
MARK = "<Location /version.txt>\\nHeader set X-Edited yes\\n</Location>\\n"


def root(host: Any, command: str) -> str:
    with host.sudo():
        return str(host.check_output(command))


@pytest.fixture
def truth(tmp_path: Path, host: Any) -> Iterator[Truth]:
    """The scenario's own; whatever a test does beside the release is undone."""
    root(host, "cp -a %s /root/main.conf && cp -a %s /root/php.ini" % (MAIN, INI))
    yield Truth(tmp_path)
    root(host, "cp -a /root/main.conf %s && cp -a /root/php.ini %s && systemctl reload apache2" % (MAIN, INI))


def kinds(host: Any) -> dict[str, int]:
    """What the timer's unit finds, as metrics count it."""
    root(host, "systemctl start evenkeel-drift.service")
    document = json.loads(root(host, "cat /var/lib/evenkeel/drift.json"))
    return {kind: number for kind, number in document["kinds"].items() if number}


def test_a_host_as_it_was_set_up_has_no_drift(host: Any) -> None:
    assert kinds(host) == {}
    assert host.service("evenkeel-drift.timer").is_running


def test_an_edit_is_published_over_when_told_and_can_be_brought_back(truth: Truth, host: Any) -> None:
    before = status(host)["current"]
    root(host, "sed -i 's#^</VirtualHost>#%s&#' %s && systemctl reload apache2" % (MARK, CONF))
    assert get(HOST, "brochure", "/version.txt").headers["X-Edited"] == "yes"
    shown = truth.push(playbook="drift.yml")
    assert shown.code == 2
    assert "apache2/sites/brochure.conf was edited by hand" in shown.text
    refused = truth.push()
    assert (refused.code, "adopt_drift=overwrite" in refused.text) == (2, True), refused.text
    with Visitors(HOST) as visitors:
        told = truth.push("--extra-vars", "adopt_drift=overwrite")
    assert (told.code, visitors.failed) == (0, []), told.text
    assert status(host)["current"] == before
    assert kinds(host) == {}
    assert "X-Edited" not in get(HOST, "brochure", "/version.txt").headers
    kept = next(one["id"] for one in status(host)["releases"] if one["id"] != before)
    root(host, "evenkeel revert %s" % kept)
    assert get(HOST, "brochure", "/version.txt").headers["X-Edited"] == "yes"
    root(host, "evenkeel revert %s" % before)


def test_what_lies_beside_the_release_is_named_and_left(truth: Truth, host: Any) -> None:
    root(host, "echo 'Include /etc/apache2/sites-enabled/*.conf' >> %s" % MAIN)
    root(host, "echo 'LoadModule info_module /usr/lib/apache2/modules/mod_info.so' >> %s" % MAIN)
    root(host, "echo 'memory_limit = 2G' >> %s" % INI)
    assert kinds(host) == {"changed": 1, "package": 1, "module": 1, "vhost": 1}
    refused = truth.push()
    assert (refused.code, "php.ini is not as its package brought it" in refused.text) == (2, True), refused.text
    left = truth.push("--extra-vars", "adopt_drift=keep")
    assert left.code == 0, left.text
    assert "memory_limit = 2G" in root(host, "tail -n 1 %s" % INI)
