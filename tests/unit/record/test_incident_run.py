"""A run of Ansible that ends with an incident report: its path is said before the last line."""

from __future__ import annotations

import json

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from plugins.module_utils.evenkeel_record.incident_figures import QUERIES
from tests.unit.record.test_run import CHANGE, HEAD, LAST, NAMED, ROOT, Project


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


def test_the_monitoring_host_is_asked_and_not_the_controller():
    [play] = yaml.safe_load((ROOT / "playbooks/incident.yml").read_text())
    asked = [task for task in yaml.safe_load((ROOT / "playbooks/tasks/incident.yml").read_text()) if "delegate_to" in task]
    assert asked and "connection" not in play, "a play's connection is that of whom it delegates to, too"
    assert Templar(DataLoader(), {"monitoring_awake": "mon1", "incident_planned": {"queries": QUERIES}}).template(
        trust_as_template(asked[0]["loop"])
    ) == list(QUERIES)
