"""A run of Ansible that ends with an incident report: its path is said before the last line."""

from __future__ import annotations

import json

from tests.unit.record.test_run import CHANGE, HEAD, LAST, NAMED, Project


def test_a_run_that_took_a_release_back_ends_with_its_report(tmp_path):
    project = Project(tmp_path)
    zone = tmp_path / "example" / "group_vars"
    zone.mkdir()
    (zone / "all.yml").write_text("evenkeel_timezone: Asia/Tokyo\n", encoding="utf-8")
    code, output = project.run("push", HEAD + NAMED + CHANGE + LAST % ("false", "reverted", "reverted"))
    said = output.strip().splitlines()
    [report] = tmp_path.glob("record/example/incidents/*-reverted/report.html")
    assert code == 2 and said[-1].startswith("reverted: that was it") and f"Incident report: {report}" in said[:-1]
    facts = json.loads((report.parent / "facts.json").read_text())
    assert facts["zone"] == "Asia/Tokyo" and "+09:00" in report.read_text()


def test_a_run_that_was_refused_for_nothing_visible_ends_without_one(tmp_path):
    project = Project(tmp_path)
    _, output = project.run("push", HEAD + NAMED + CHANGE + LAST % ("false", "rejected", "rejected"))
    assert "Incident" not in output and not list(tmp_path.glob("record/example/incidents"))


def test_a_zone_that_nobody_knows_costs_no_report(tmp_path):
    project = Project(tmp_path)
    play = HEAD + NAMED + CHANGE + LAST % ("false", "reverted", "reverted")
    _, output = project.run("push", play, "-e", "evenkeel_timezone=Mars/Base")
    assert "'Mars/Base' is no time zone of this machine" in " ".join(output.split())
    assert len(list(tmp_path.glob("record/example/incidents/*/report.html"))) == 1
