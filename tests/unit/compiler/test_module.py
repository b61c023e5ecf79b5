"""The module `release_compile`, called as Ansible calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from plugins.modules import release_compile
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
        "project_dir": str(PROJECT),
    }


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(arguments: dict[str, Any], **internal: bool) -> dict[str, Any]:
        flags = {f"_ansible_{name}": value for name, value in internal.items()}
        with patch_module_args({**arguments, **flags}), pytest.raises(SystemExit):
            release_compile.main()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return call


def test_four_runs_tell_the_truth_about_change(arguments: dict[str, Any], run: Any) -> None:
    planned, made = run(arguments, check_mode=True), run(arguments)
    again = run(arguments, check_mode=True), run(arguments)
    assert [answer["changed"] for answer in (planned, made, *again)] == [True, True, False, False]
    assert {answer["id"] for answer in (planned, made, *again)} == {made["id"]}
    assert Path(made["payload"]).is_file() and made["sites_added"] == ["docs"]


def test_all_problems_are_told_at_once(arguments: dict[str, Any], run: Any) -> None:
    site = Path(arguments["sites_dir"], "docs/site.yml")
    site.write_text("server_name: Docs\nkind: statik\n")
    answer = run(arguments)
    assert answer["failed"] and len(answer["problems"]) == 2
    assert len(answer["msg"].splitlines()) == 3 and "no host was contacted" in answer["msg"]
    assert "sites/docs/site.yml:2: kind" in answer["msg"]


def test_wrong_settings_of_the_pool_are_told_too(arguments: dict[str, Any], run: Any) -> None:
    answer = run({**arguments, "settings": {"timeout_s": 0, "colour": "blue"}})
    assert answer["failed"] and {problem["field"] for problem in answer["problems"]} == {"timeout_s", "colour"}


def test_a_plan_shows_what_changes(arguments: dict[str, Any], run: Any) -> None:
    run(arguments)
    Path(arguments["sites_dir"], "docs/site.yml").write_text("server_name: new.example\nkind: static\n")
    answer = run(arguments, check_mode=True, diff=True)
    assert answer["sites_changed"] == ["docs"] and '+  ServerName "new.example"' in answer["diff"]["prepared"]


def test_a_secret_that_would_blank_the_path_is_refused(arguments: dict[str, Any], run: Any) -> None:
    answer = run({**arguments, "secrets": {"docs": {"password": "payload"}}})
    assert answer["failed"] and "longer" in answer["msg"]


def test_a_missing_library_is_named(arguments: dict[str, Any], run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_compile, "LIBRARY_ERROR", "Traceback ...")
    assert "jsonschema" in run(arguments)["msg"]
