"""Every verb of a fault file does what docs/faults.md says, and nothing when it does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.collection import BadFault
from tests.faults.edits import Applied, Editor
from tests.faults.layout import load

PROJECT = Path(__file__).resolve().parents[3]
PAGE = "sites/static/settings/index.html"


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    (tmp_path / "truth" / PAGE).parent.mkdir(parents=True)
    (tmp_path / "truth" / PAGE).write_text("one two one\n")
    (tmp_path / "pool").mkdir()
    (tmp_path / "pool/other.crt").write_text("other")
    return tmp_path / "truth"


def apply(truth: Path, **edit: object) -> Applied:
    return Editor(truth, load(), truth.parent / "pool").apply([{"role": "page:static", **edit}])


def text(truth: Path) -> str:
    return (truth / PAGE).read_bytes().decode()


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        ({"find": "two", "replace": "2"}, "one 2 one\n"),
        ({"find": "one", "replace": "1", "all": True}, "1 two 1\n"),
        ({"find": "one", "replace": "1", "nth": 2}, "one two 1\n"),
        ({"append": "three\n"}, "one two one\nthree\n"),
        ({"prepend_bytes": "2121"}, "!!one two one\n"),
        ({"write": "new"}, "new"),
        ({"from_pool": "other.crt"}, "other"),
        ({"truncate": 3}, "one"),
        ({"crlf": True}, "one two one\r\n"),
    ],
)
def test_a_verb_that_changes_a_file(truth: Path, edit: dict[str, object], after: str) -> None:
    assert apply(truth, **edit).touched == [PAGE]
    assert text(truth) == after


def test_a_renamed_file_is_at_its_new_place_only(truth: Path) -> None:
    assert "sites/static/settings/index.htm" in apply(truth, rename="index.htm").touched
    assert [path.name for path in (truth / PAGE).parent.iterdir()] == ["index.htm"]


def test_a_copied_file_is_at_both_places(truth: Path) -> None:
    apply(truth, copy_to="index.html.bak")
    assert (truth / PAGE).with_name("index.html.bak").read_text() == text(truth)


def test_a_removed_file_is_gone(truth: Path) -> None:
    apply(truth, remove=True)
    assert not (truth / PAGE).exists()


def test_a_symlink_takes_the_place_of_a_file(truth: Path) -> None:
    apply(truth, symlink="/etc/passwd")
    assert (truth / PAGE).is_symlink()


def test_rights_are_handed_on_to_the_release(truth: Path) -> None:
    assert apply(truth, chmod="600").modes == {PAGE: "0600"}
    assert apply(truth, chown="root:adm").groups == {PAGE: "adm"}


def test_what_only_a_host_can_have_is_handed_on(truth: Path) -> None:
    editor = Editor(truth, load(), truth)
    applied = editor.apply([{"path": "logs/x.fifo", "mkfifo": True}, {"occupy_port": "SPARE"}])
    assert applied.on_host == [
        {"verb": "mkfifo", "path": "/var/log/apache2/x.fifo", "mkfifo": True},
        {"verb": "occupy_port", "port": 9009},
    ]


def test_what_only_a_balancer_can_have_is_kept_apart(truth: Path) -> None:
    applied = Editor(truth, load(), truth).apply([{"role": "lbstate", "write": "1\n"}])
    assert (applied.on_host, [edit["path"] for edit in applied.on_balancer]) == ([], ["/run/haproxy/servers.state"])


def test_the_rights_of_a_document_root_are_those_of_the_release(truth: Path) -> None:
    applied = Editor(truth, load(), truth).apply([{"path": "www/static", "chmod": "700"}])
    assert applied.folders == {"/srv/www/static/public": "0700"}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"find": "none", "replace": ""}, "page:static: find: 'none' stands 0 times in index.html"),
        ({"find": "one", "replace": ""}, "page:static: find: 'one' stands 2 times in index.html"),
        ({"find": "one", "replace": "", "nth": 3}, "page:static: find: 'one' stands 2 times in index.html"),
        ({"find": "two"}, "page:static: find: find needs replace"),
        (
            {"find": "two", "replace": "", "append": "x"},
            "page:static: find: an edit needs exactly one verb, this has find and append",
        ),
        ({}, "page:static: an edit needs exactly one verb, this has none"),
        ({"wish": "x"}, "page:static: wish: wish: no verb or field of an edit"),
        ({"append": "x", "al": True}, "page:static: append: al: no verb or field of an edit"),
        ({"prepend_bytes": "no"}, "page:static: prepend_bytes: non-hexadecimal"),
        ({"truncate": "half"}, "page:static: truncate: invalid literal"),
        ({"chmod": "rw"}, "page:static: chmod: invalid literal"),
        ({"from_pool": "none.crt"}, "page:static: from_pool: none.crt is none of other.crt"),
        ({"rename": "no/folder"}, "page:static: rename: .*No such file"),
        ({"role": "vhost:nobody", "append": "x"}, "vhost:nobody: append: no file has this role; known are "),
        ({"role": None, "append": "x"}, "append: an edit needs a role or a path"),
        ({"role": None, "path": "elsewhere/x", "append": "x"}, "elsewhere/x: append: the path begins with none of sites/"),
        ({"role": None, "path": "conf-enabled/none.conf", "append": "x"}, "house/apache2/conf-enabled/none.conf does not exist"),
        ({"role": None, "path": "sites/../../x", "write": "x"}, "sites/../../x lies outside of the truth"),
        ({"role": None, "path": "/etc/hosts", "append": "x"}, "/etc/hosts: append: .*no part of a release"),
        ({"role": None, "occupy_port": "HTTP"}, "occupy_port: 'HTTP' is no port that another program could take"),
        ({"role": None, "occupy_port": "NONE"}, "occupy_port: 'NONE' is no port that another program could take"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(truth: Path, edit: dict[str, object], said: str) -> None:
    made = {key: value for key, value in {"role": "page:static", **edit}.items() if value is not None}
    with pytest.raises(BadFault, match=said):
        Editor(truth, load(), truth.parent / "pool").apply([made])
    assert text(truth) == "one two one\n"


def test_words_of_the_host_are_filled_in_where_a_site_has_none(truth: Path) -> None:
    apply(truth, append="@ROOT@/run/sessions\n")
    assert text(truth) == "one two one\n/var/lib/php/sessions\n"


def test_a_file_of_a_run_is_found_by_the_name_that_it_has_in_a_house_file(truth: Path) -> None:
    assert load().place({"path": "@ROOT@/run/sessions"}).path == load().fill("@ROOT@/run/sessions")


def test_the_page_of_the_format_tells_every_verb_and_role() -> None:
    page = (PROJECT / "docs/faults.md").read_text(encoding="utf-8")
    editor = Editor(PROJECT, load(), PROJECT)
    assert [word for word in (*editor.verbs, *load().roles) if f"`{word}`" not in page] == []
