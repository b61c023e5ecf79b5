"""A site file is plain data, or it is refused with its line."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.module_utils.evenkeel_compiler import yamlfile
from plugins.module_utils.evenkeel_compiler.yamlfile import YamlRefused, lines, parse

GOOD = b"server_name: a.example\nkind: static\n"

REFUSED = {
    "duplicate field": (b"kind: static\nserver_name: a.example\nkind: php\n", 3, "each field once"),
    "duplicate field inside": (b"php:\n  version: 8.2\n  version: 8.3\n", 3, "each field once"),
    "tag": (b"a: 1\nb: !!python/object/apply:os.system [id]\n", 2, "no tags"),
    "own tag": (b"a: !vault x\n", 1, "no tags"),
    "tag on a name": (b"!!str a: x\n", 1, "no tags"),
    "anchor": (b"a: &x 1\n", 1, "no anchors"),
    "anchor on a name": (b"&x a: 1\n", 1, "no anchors"),
    "anchor on everything": (b"&x\na: 1\n", 1, "no anchors"),
    "alias": (b"a: *x\n", 1, "no anchors"),
    "bomb": (b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", 1, "no anchors"),
    "merge of an alias": (b"a: 1\n<<: *x\n", 2, "no anchors"),
    "two documents": (b"a: 1\n---\nb: 2\n", 2, "one document"),
    "list": (b"- a\n", 1, "a mapping"),
    "text": (b"hello\n", 1, "a mapping"),
    "nothing": (b"", 1, "a mapping"),
    "only a comment": (b"# later\n", 1, "a mapping"),
    "null": (b"~\n", 1, "a mapping"),
    "not UTF-8": (b"a: 1\nb: \xff\n", 2, "UTF-8"),
    "UTF-16": ("a: 1\n".encode("utf-16"), 1, "UTF-8"),
    "byte order mark": (b"\xef\xbb\xbfa: 1\n", 1, "U+FEFF"),
    "nul": (b"a: 1\nb: \x00\n", 2, "U+0000"),
    "escape": (b"a: \x1b[2J\n", 1, "U+001B"),
    "line separator": ("a: 1\nb: x\u2028y\n".encode(), 2, "U+2028"),
    "next line": ("a: x\u0085y\n".encode(), 1, "U+0085"),
    "written-out line separator": (b'a: "x\\Ly"\n', 1, "U+2028"),
    "written-out nul": (b'a: "x\\0y"\n', 1, "U+0000"),
    "written-out newline": (b'a: "x\\ny"\n', 1, "U+000A"),
    "written-out newline in a name": (b'"a\\nb": x\n', 1, "U+000A"),
    "block of lines": (b"a: |\n  x\n  y\n", 1, "one line"),
    "right to left": ("# \u202e\na: 1\n".encode(), 1, "U+202E"),
    "zero width": ("a: x\u200by\n".encode(), 1, "U+200B"),
    "deep": (b"a: " + b"[" * 50 + b"]" * 50 + b"\n", 1, "levels"),
    "very deep": (b"a: " + b"[" * 100_000, 1, ""),
    "mapping as name": (b"? {a: 1}\n: x\n", 1, "plain name"),
    "template": (b"a: {{ x }}\n", 1, "plain name"),
    "template block": (b"{% if x %}\na: 1\n", 1, "valid YAML"),
    "tab": (b"a:\n\tb: 1\n", 2, "valid YAML"),
    "open quote": (b'a: "x\n', 2, "valid YAML"),
    "huge": (b"a: " + b"x" * 300_000, 0, "256 KiB"),
    "directive": (b"%TAG ! tag:x,2000:\n---\na: !b c\n", 3, "no tags"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_site_file_needs_is_refused_with_its_line(name):
    raw, line, allowed = REFUSED[name]
    with pytest.raises(YamlRefused) as refused:
        parse(raw)
    assert (refused.value.line, allowed in refused.value.allowed) == (line, True), refused.value.allowed


def test_scalars_are_what_an_author_means():
    raw = b"a: 8.10\nb: '8'\nc: 8\nd: on\ne: No\nf: ~\ng: 0644\nh: 2024-01-01\ni: 12:30\nj: -5\nk: 1e3\nl: .inf\n"
    values = ["8.10", "8", 8, True, False, None, "0644", "2024-01-01", "12:30", -5, "1e3", ".inf"]
    assert list(parse(raw).values()) == values


def test_names_are_text():
    assert parse(b"404: x\ntrue: y\n") == {"404": "x", "true": "y"}


def test_every_field_has_its_line():
    raw = b"# a\nserver_name: x\naliases:\n  - a\n  - b\nphp: {version: 8.2,\n  socket: x}\n"
    found = lines(raw)
    assert found[("aliases", "1")] == 5
    assert found[("php", "version")] == 6
    assert found[("php", "socket")] == 7


@pytest.mark.parametrize("raw", [b"\r\n".join(GOOD.splitlines()) + b"\r\n", b"---\n" + GOOD + b"...\n", b"# x\n" + GOOD])
def test_ordinary_variants_are_read(raw):
    assert parse(raw) == {"server_name": "a.example", "kind": "static"}


def test_the_python_parser_reads_the_same(monkeypatch):
    monkeypatch.setattr(yamlfile, "_Loader", yamlfile.yaml.SafeLoader)
    assert parse(GOOD) == {"server_name": "a.example", "kind": "static"}


@given(st.one_of(st.binary(max_size=200), st.text(alphabet="ab:-{}[]&*!|>%'\"\\#, \n\t\x00\u2028é", max_size=60).map(str.encode)))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_data_or_refused(raw):
    try:
        values = parse(raw)
    except YamlRefused:
        return
    assert isinstance(values, dict)
    lines(raw)


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_text_in_a_name_is_answered_with_a_list_of_problems(tmp_path_factory, text):
    from .conftest import Sites

    sites = Sites(tmp_path_factory.mktemp("any") / "sites")
    sites.site("a", server_name=text)
    for problem in sites.problems():
        assert str(problem).isprintable()


def test_a_link_out_of_the_folder_is_refused(sites, tmp_path):
    folder = sites.site("a")
    (tmp_path / "shadow").write_bytes(GOOD)
    (folder / "site.yml").unlink()
    (folder / "site.yml").symlink_to("../../shadow")
    assert str(sites.problems()[0]).endswith("leads out of the site's folder, to ../../shadow")


def test_a_link_to_nowhere_is_told_as_one(sites):
    folder = sites.site("a")
    (folder / "site.yml").unlink()
    (folder / "site.yml").symlink_to("../gone\nfor good")
    told = str(sites.problems()[0])
    assert told.isprintable() and told.endswith(", where nothing is")


def test_a_link_to_itself_is_told_as_one(sites):
    folder = sites.site("a")
    (folder / "site.yml").unlink()
    (folder / "site.yml").symlink_to("site.yml")
    assert str(sites.problems()[0]) == "sites/a/site.yml: a readable file (Too many levels of symbolic links)"


def test_a_link_within_the_folder_is_followed(sites):
    folder = sites.site("a", settings={"x.txt": "x"})
    (folder / "settings" / "y.txt").symlink_to("x.txt")
    assert [each.content for each in sites.load().sites[0].settings] == [b"x", b"x"]


def test_a_linked_folder_is_refused(sites, tmp_path):
    folder = sites.site("a", settings={"x.txt": "x"})
    (tmp_path / "other").mkdir()
    (folder / "settings" / "etc").symlink_to(tmp_path / "other")
    (sites.root / "b").symlink_to(folder)
    assert len(sites.problems()) == 2


def test_a_pipe_does_not_stop_the_compiler(sites):
    folder = sites.site("a", settings={"x.txt": "x"})
    os.mkfifo(folder / "settings" / "pipe")
    assert "a regular file" in str(sites.problems()[0])


@pytest.mark.parametrize("name", ["site.yaml", "setings", ".site.yml.swp", "site.yml~", "notes.txt"])
def test_an_unknown_file_is_named(sites, name):
    (sites.site("a") / name).write_text("x")
    assert f"sites/a/{name}" in str(sites.problems()[0])


@pytest.mark.parametrize("name", ["Blog", "my_site", "1st", "a" * 32, "-x", ".git", "ü"])
def test_a_folder_that_is_no_site_name_is_refused(sites, name):
    (sites.root / name).mkdir()
    assert "a site's folder" in str(sites.problems()[0])


def test_a_folder_without_a_site_file_is_told(sites):
    (sites.root / "a").mkdir()
    assert str(sites.problems()[0]) == "sites/a/site.yml: missing; every site has one"
