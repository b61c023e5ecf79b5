"""A manifest is canonical, names its release, and cannot make the engine touch what is not the release's."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.module_utils.evenkeel import manifest as manifests
from plugins.module_utils.evenkeel.errors import InvalidRelease
from tests.unit.engine.builders import Draft, sha256, shared


def document() -> dict[str, Any]:
    draft = Draft().site("blog", shared("blog")).settings("blog", "config.php", b"<?php\n")
    return dict(json.loads(draft.manifest.to_bytes()))


def entry(**more: Any) -> dict[str, Any]:
    return {"sha256": sha256(b""), "mode": "0644", "group": "root", "secret": False, **more}


def read(changed: dict[str, Any]) -> manifests.Manifest:
    return manifests.from_bytes(manifests.canonical(changed))


def test_the_same_manifest_has_the_same_bytes_and_name_whatever_the_order() -> None:
    one = Draft().site("blog").site("shop").manifest
    two = Draft().site("shop").site("blog").manifest
    assert one.to_bytes() == two.to_bytes()
    assert one.id == two.id == manifests.release_id(one.to_bytes())


def test_a_manifest_survives_being_written_and_read() -> None:
    assert read(document()).to_bytes() == manifests.canonical(document())


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../../etc/passwd",
        "apache2/../../../etc/cron.d/x",
        "apache2/./x",
        "apache2//x",
        "apache2/",
        "",
        ".",
        "..",
        "settings/blog/..",
        "settings/../../x",
        "settings/blog/a b",
        "settings/blog/a\nb",
        "settings/blog/a\x00",
        "-rf",
        ".hidden",
        "apache2/x;reboot",
        "apache2/sites/${VAR}.conf",
        "apache2/release.conf",
        "manifest.json",
        "a/" * 300 + "x",
    ],
)
def test_a_path_that_could_leave_the_release_is_refused(path: str) -> None:
    changed = document()
    changed["files"][path] = entry()
    with pytest.raises(InvalidRelease):
        read(changed)


@pytest.mark.parametrize("path", ["settings/blog/.user.ini", "settings/blog/.htaccess", "settings/blog/a/.b/c"])
def test_a_settings_file_may_be_hidden(path: str) -> None:
    changed = document()
    changed["files"][path] = entry(site="blog")
    assert path in read(changed).files


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "0" * 63},
        {"sha256": "G" * 64},
        {"mode": "0777"},
        {"mode": "4755"},
        {"mode": "0666"},
        {"mode": 420},
        {"group": "root; reboot"},
        {"group": ""},
        {"site": "nobody"},
        {"secret": "yes"},
        {"secret": 1},
        {"surprise": 1},
    ],
)
def test_a_file_that_the_compiler_would_not_write_is_refused(wrong: dict[str, Any]) -> None:
    changed = document()
    changed["files"]["apache2/extra.conf"] = entry(**wrong)
    with pytest.raises(InvalidRelease):
        read(changed)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("home", "/srv/www/../../etc"),
        ("home", "srv/www/blog"),
        ("home", "/"),
        ("home", ""),
        ("home", None),
        ("document_root", "/etc"),
        ("document_root", "/srv/www/blogs/public"),
        ("document_root", "/srv/www/blog/../shop"),
        ("user", "root; reboot"),
        ("user", "-x"),
        ("php", "8.2"),
        ("php", {"version": "8.2/../..", "isolation": "shared", "socket": "/run/php/blog.sock"}),
        ("php", {"version": "8.2", "isolation": "none", "socket": "/run/php/blog.sock"}),
        ("php", {"version": "8.2", "isolation": "shared", "socket": "blog.sock"}),
        ("php", {"version": "8.2"}),
    ],
)
def test_facts_that_would_lead_root_elsewhere_are_refused(field: str, value: Any) -> None:
    changed = document()
    changed["sites"]["blog"][field] = value
    with pytest.raises(InvalidRelease):
        read(changed)


@pytest.mark.parametrize("name", ["Blog", "1blog", "b" * 32, "a/b", "a.b", "", "a\n", "../x"])
def test_a_site_name_that_is_no_folder_name_is_refused(name: str) -> None:
    changed = document()
    changed["sites"][name] = changed["sites"]["blog"]
    with pytest.raises(InvalidRelease):
        read(changed)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'"x"',
        b"[" * 100_000,
        b'{"format":1}',
        b'{"format":1,"files":[],"php_versions":[],"pool":"web","sites":{}}',
        b'{"format":1,"files":{},"php_versions":[],"pool":"web","sites":{"blog":5}}',
        b'{"format":1,"files":{},"php_versions":[],"pool":"web","sites":{"blog":[1]}}',
        b'{"format":1,"files":{"a":1},"php_versions":[],"pool":"web","sites":{}}',
    ],
)
def test_what_is_no_manifest_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(InvalidRelease, match=r"manifest\.json"):
        manifests.from_bytes(data)


def test_another_spelling_of_the_same_manifest_is_refused() -> None:
    with pytest.raises(InvalidRelease, match="canonical"):
        manifests.from_bytes(json.dumps(document(), indent=1).encode())


def test_a_manifest_of_a_later_format_is_refused_by_its_number() -> None:
    with pytest.raises(InvalidRelease, match="format 2"):
        read({**document(), "format": 2})


def test_a_manifest_without_probes_is_refused() -> None:
    changed = document()
    del changed["files"]["probes.json"]
    with pytest.raises(InvalidRelease, match=r"probes\.json"):
        read(changed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = [("files",), ("sites",), ("sites", "blog"), ("sites", "blog", "php"), ("pool",), ("php_versions",), ("format",)]


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_whatever_stands_in_a_manifest_it_is_read_or_refused(place: tuple[str, ...], value: Any) -> None:
    changed = document()
    inside = changed
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    data = manifests.canonical(changed)
    with contextlib.suppress(InvalidRelease):
        assert manifests.from_bytes(data).to_bytes() == data


def test_holding_a_site_back_takes_its_files_facts_and_php_from_the_live_release() -> None:
    live = Draft(["8.2"]).site("blog", shared("blog", "8.2")).site("shop").manifest
    candidate = Draft(["8.4"]).site("blog", shared("blog", "8.4")).site("shop").site("news").manifest
    kept = manifests.hold_back(live, candidate, {"blog"}, b"")
    assert kept.sites["blog"] == live.sites["blog"]
    assert kept.site_files("blog") == live.site_files("blog")
    assert kept.php_versions == ("8.2", "8.4")
    assert "news" in kept.sites


def test_holding_back_a_new_site_leaves_it_away() -> None:
    live, candidate = Draft().site("shop").manifest, Draft().site("shop").site("news").manifest
    assert set(manifests.hold_back(live, candidate, {"news"}, b"").sites) == {"shop"}


def test_genesis_serves_nobody() -> None:
    genesis = manifests.without_sites(Draft().site("blog").settings("blog", "x", b"y").manifest)
    assert genesis.sites == {}
    assert set(genesis.files) == {"apache2/apache2.conf", "probes.json"}
