"""The founding incident: a settings file with a wrong extension, which every syntax check accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hosts.fleet import Truth, Visitors, get, status

HOST = "bookworm1"
BROKEN = "<?php\n\nreturn require __DIR__ . '/locale.phpp';\n"


@pytest.fixture
def bad(tmp_path: Path) -> Truth:
    """One site breaks, another one has a good change."""
    truth = Truth(tmp_path).write("notes/settings/conf/site.php", BROKEN)
    return truth.write("brochure/settings/version.txt", "version 3\n")


def test_a_change_that_breaks_a_site_is_refused_and_nobody_notices(bad: Truth, host: Any) -> None:
    before = status(host)
    with Visitors(HOST) as visitors:
        push = bad.push()
    assert push.code != 0
    assert "notes.example/ answered 500, wanted 200" in push.text
    assert "notes/settings/conf/site.php:3" in push.text.replace("settings/notes/conf", "notes/settings/conf")
    assert visitors.failed == []
    after = status(host)
    assert (after["current"], after["pending"]) == (before["current"], None)
    assert get(HOST, "brochure", "/version.txt").text == "version 1\n"


def test_the_next_run_is_not_green_by_forgetting(bad: Truth, host: Any) -> None:
    rejected = status(host)["last_rejected"]
    assert rejected is not None
    again = bad.push()
    assert again.code != 0
    assert "answered 500" in again.text


def test_holding_back_publishes_everything_but_the_broken_site(bad: Truth, host: Any) -> None:
    with Visitors(HOST) as visitors:
        push = bad.push("--extra-vars", "on_site_failure=hold_back")
    assert push.code == 0, push.text
    assert get(HOST, "brochure", "/version.txt").text == "version 3\n"
    assert "notes say 1" in get(HOST, "notes").text
    assert status(host)["held_back"] == ["notes"]
    assert visitors.failed == []


def test_a_mistake_in_the_truth_is_told_with_file_and_line_before_any_host_is_asked(tmp_path: Path) -> None:
    truth = Truth(tmp_path).replace("till/site.yml", "kind: php", "kind: phpp")
    push = truth.push()
    assert push.code != 0
    assert "sites/till/site.yml:3: kind" in push.text


def test_the_good_truth_goes_out_again(tmp_path: Path, host: Any) -> None:
    push = Truth(tmp_path).push()
    assert push.code == 0, push.text
    assert status(host)["held_back"] == []
