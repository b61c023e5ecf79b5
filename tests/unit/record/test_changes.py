"""What a release changes, from the builds on the controller; what came out of Vault is named and never shown."""

from __future__ import annotations

import json

import pytest

from plugins.module_utils.evenkeel_record import changes

SECRET = "hunter2-of-the-vault"


class Builds:
    """Two builds of a pool, beside each other."""

    def __init__(self, folder):
        self.folder = folder

    def add(self, name, files, sites=("blog", "shop")):
        """`files` by path: (content, site, secret)."""
        root = self.folder / name
        listed = {}
        for path, (content, site, secret) in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
            listed[path] = {"sha256": str(hash(content)), "mode": "0644", "group": "root", "secret": secret}
            if site:
                listed[path]["site"] = site
        root.mkdir(exist_ok=True)
        manifest = {"pool": "web", "files": listed, "sites": {site: {} for site in sites}}
        (root / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return root


@pytest.fixture
def builds(tmp_path):
    return Builds(tmp_path)


def told(build, **answer):
    return changes.told(0, build, {"release": "new", "previous": "old", "touched": ["blog"], **answer})


def test_a_changed_file_is_told_with_its_site_and_both_versions(builds):
    builds.add("old", {"settings/blog/a.php": (b"one\ntwo\n", "blog", False), "apache2/apache2.conf": (b"x", "", False)})
    new = builds.add("new", {"settings/blog/a.php": (b"one\n2\n", "blog", False), "apache2/apache2.conf": (b"x", "", False)})
    release, diff = told(new)
    assert (release["event"], release["release"], release["before"], release["sites"]) == ("release", "new", "old", 2)
    assert (diff["site"], diff["path"]) == ("blog", "settings/blog/a.php")
    assert diff["diff"].splitlines()[-2:] == ["-two", "+2"]


@pytest.mark.parametrize("before, after", [(True, True), (True, False), (False, True)])
def test_a_file_that_holds_or_held_a_secret_is_named_and_not_shown(builds, before, after):
    builds.add("old", {"settings/blog/key.php": (SECRET.encode(), "blog", before)})
    new = builds.add("new", {"settings/blog/key.php": (SECRET.encode() + b"2", "blog", after)})
    found = told(new)
    assert SECRET not in json.dumps(found)
    assert found[1]["note"] == changes.SECRET


def test_sites_that_came_and_went_are_named_and_those_held_back_are_not(builds):
    builds.add("old", {"a": (b"1", "blog", False), "b": (b"1", "shop", False)}, ("blog", "shop", "gone"))
    new = builds.add("new", {"a": (b"2", "blog", False), "b": (b"2", "shop", False)}, ("blog", "shop", "fresh"))
    release, *diffs = told(new, held_back=["shop"])
    assert (release["added"], release["removed"]) == (["fresh"], ["gone"])
    assert [diff["site"] for diff in diffs] == ["blog"]


def test_a_release_before_that_is_not_here_is_said_to_be_missing(builds):
    release, more = told(builds.add("new", {"a": (b"1", "blog", False)}))
    assert release["touched"] == ["blog"]
    assert (more["sites"], more["why"]) == (1, "release old does not lie on this controller any more")


def test_what_is_no_text_or_too_large_is_named(builds):
    builds.add("old", {"a": (b"\xff\xfe", "blog", False), "b": (b"", "blog", False)})
    new = builds.add("new", {"a": (b"\xff\xff", "blog", False), "b": (b"x\n" * 200_000, "blog", False)})
    assert [(diff["diff"], diff["note"]) for diff in told(new)[1:]] == [
        ("", "differs, and is no text"),
        ("", "too large to be compared here"),
    ]


def test_a_thousand_sites_are_counted_where_nobody_would_read_them(builds):
    names = [f"site{i}" for i in range(1000)]
    builds.add("old", {f"apache2/{name}.conf": (b"1\n", name, False) for name in names}, names)
    new = builds.add("new", {f"apache2/{name}.conf": (b"2\n", name, False) for name in names}, names)
    found = told(new, touched=names)
    assert len(found) == 2 + changes.MAX_SITES
    assert (found[-1]["event"], found[-1]["sites"], found[-1]["files"]) == ("more", 940, 940)
