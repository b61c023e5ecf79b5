"""The file that a rollout leaves on the controller."""

from __future__ import annotations

import json
from pathlib import Path

from plugins.action import rollout_report

REPORT = {"good": True, "message": "published"}


def test_a_report_is_kept_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "rollouts" / "one.json"
    assert rollout_report.keep(path, REPORT) == ""
    assert json.loads(path.read_text()) == REPORT
    assert list(path.parent.iterdir()) == [path]


def test_one_that_cannot_be_kept_says_why_and_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("mine")
    said = rollout_report.keep(tmp_path / "build" / "rollouts" / "one.json", REPORT)
    assert "Not a directory" in said and str(tmp_path / "build/rollouts/one.json") in said
    assert (tmp_path / "build").read_text() == "mine"
