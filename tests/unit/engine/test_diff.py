"""A diff is for people, site by site, and shows no secret on either side."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel import diff
from plugins.module_utils.evenkeel.plan import plan
from plugins.module_utils.evenkeel.release import Release
from plugins.module_utils.evenkeel.store import Store
from tests.unit.engine.builders import Draft

SECRET = b"<?php $password = 'hunter2';\n"


def text(store: Store, live: Draft, candidate: Draft) -> str:
    old = store.stage(live.manifest, lambda: live.files().items())
    new = Release(candidate.id, "", candidate.manifest, candidate.probes)
    return diff.describe(old, new, plan(old, new), candidate.files().__getitem__)


def site(content: bytes | None, secret: bool) -> Draft:
    draft = Draft().site("blog")
    return draft if content is None else draft.settings("blog", "config.php", content, secret)


@pytest.mark.parametrize(
    ("live", "candidate", "verb"),
    [
        (site(None, False), site(SECRET, True), "added"),
        (site(SECRET, True), site(b"<?php // other\n", True), "changed"),
        (site(SECRET, True), site(None, False), "removed"),
        (site(SECRET, True), site(b"<?php // public now\n", False), "changed"),
        (site(b"<?php // public\n", False), site(SECRET, True), "changed"),
    ],
)
def test_a_secret_is_named_and_not_shown(store: Store, live: Draft, candidate: Draft, verb: str) -> None:
    shown = text(store, live, candidate)
    assert "settings/blog/config.php: %s (holds secrets, not shown)" % verb in shown
    assert "hunter2" not in shown


def test_a_directive_that_changes_is_shown_below_its_site(store: Store) -> None:
    live, candidate = Draft().site("blog"), Draft().site("blog")
    live.file("blog", "apache2/sites/blog.conf", b"ServerName a\nTimeout 60\n")
    candidate.file("blog", "apache2/sites/blog.conf", b"ServerName a\nTimeout 30\n")
    lines = text(store, live, candidate).splitlines()
    assert lines[0] == "site blog: changed"
    assert "  -Timeout 60" in lines
    assert "  +Timeout 30" in lines


def test_binary_content_is_not_printed(store: Store) -> None:
    shown = text(store, site(b"\xff\xfe\x00", False), site(b"\xff\xfe\x01", False))
    assert "settings/blog/config.php: binary content differs" in shown


def test_a_long_diff_is_cut_and_says_so(store: Store) -> None:
    lines = b"".join(b"line %d\n" % number for number in range(2000))
    shown = text(store, site(None, False), site(lines, False))
    assert len(shown.splitlines()) == 401
    assert "more lines" in shown.splitlines()[-1]
