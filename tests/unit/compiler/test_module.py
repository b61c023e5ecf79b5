"""The result of `release_compile`, as Ansible gets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel_compiler import answer
from tests.templates.builders import PROJECT


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "sites/docs").mkdir(parents=True)
    (tmp_path / "sites/docs/site.yml").write_text("server_name: docs.example\nkind: static\n")
    return {
        "environment": "example",
        "pool": "web",
        "sites_dir": str(tmp_path / "sites"),
        "build_dir": str(tmp_path / "build"),
        "settings": {"name": "web"},
        "secrets": {},
        "template_dirs": None,
    }


def run(arguments: dict[str, Any], check_mode: bool = False, diff: bool = False) -> dict[str, Any]:
    return answer.compiled(PROJECT, arguments, check_mode, diff)


def test_four_runs_tell_the_truth_about_change(arguments: dict[str, Any]) -> None:
    planned, made = run(arguments, check_mode=True), run(arguments)
    again = run(arguments, check_mode=True), run(arguments)
    assert [told["changed"] for told in (planned, made, *again)] == [True, True, False, False]
    assert {told["id"] for told in (planned, made, *again)} == {made["id"]}
    assert Path(made["payload"]).is_file() and made["sites_added"] == ["docs"]


def test_all_problems_are_told_at_once(arguments: dict[str, Any]) -> None:
    site = Path(arguments["sites_dir"], "docs/site.yml")
    site.write_text("server_name: Docs\nkind: statik\n")
    told = run(arguments)
    assert told["failed"] and len(told["problems"]) == 2
    assert len(told["msg"].splitlines()) == 3 and "no host was contacted" in told["msg"]
    assert "sites/docs/site.yml:2: kind" in told["msg"]


def test_wrong_settings_of_the_pool_are_told_too(arguments: dict[str, Any]) -> None:
    told = run({**arguments, "settings": {"name": "web", "timeout_s": 0, "colour": "blue"}})
    assert told["failed"] and {problem["field"] for problem in told["problems"]} == {"timeout_s", "colour"}


def test_a_plan_shows_what_changes(arguments: dict[str, Any]) -> None:
    run(arguments)
    Path(arguments["sites_dir"], "docs/site.yml").write_text("server_name: new.example\nkind: static\n")
    told = run(arguments, check_mode=True, diff=True)
    assert told["sites_changed"] == ["docs"] and '+  ServerName "new.example"' in told["diff"]["prepared"]


def test_a_folder_of_sites_that_is_gone_is_told_also_where_there_is_a_build(arguments: dict[str, Any]) -> None:
    for made in (False, True):
        folder = Path(arguments["sites_dir"])
        told = run({**arguments, "sites_dir": str(folder.with_name("gone"))})
        assert told["failed"] and f"{folder.with_name('gone')}: missing" in told["msg"] and "no host was contacted" in told["msg"]
        assert made or not run(arguments).get("failed")


def test_a_file_where_the_build_should_be_is_named(arguments: dict[str, Any]) -> None:
    Path(arguments["build_dir"]).write_text("mine")
    told = run(arguments)
    assert told["failed"] and told["msg"].endswith("Not a directory") and arguments["build_dir"] in told["msg"]
    assert told["msg"].startswith("no host was contacted: ") and Path(arguments["build_dir"]).read_text() == "mine"
