"""What monitoring saw of a rollout stands in the rollout's own report; without it, the report says what is not known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_record import events, incident, incident_request, witness
from plugins.module_utils.evenkeel_record.done import Done
from plugins.module_utils.evenkeel_record.incident_clock import clock, iso, moment
from plugins.module_utils.evenkeel_record.incident_rollout import UNASKED, of_rollout
from plugins.module_utils.evenkeel_record.incident_span import seen, witnessed
from plugins.module_utils.evenkeel_record.recorder import Recorder, Run
from tests.unit.record.events import BEGAN
from tests.unit.record.incidents import outage, reverted, shown, told

SUMMARY = [{"labels": {"alertname": "SitesFailing"}, "annotations": {"summary": "One site fails."}}]
SAID = {"answers": outage(), "alerts": SUMMARY, "problem": "", "from": iso(moment(BEGAN)), "until": iso(moment(BEGAN + 300))}


def report(folder: Path, found, heard=None):
    """The facts of the report of a journal, and the report."""
    place = folder / "acme" / "r1"
    place.mkdir(parents=True)
    (place / "journal.jsonl").write_text("".join(json.dumps(event) + "\n" for event in found))
    if heard is not None:
        witness.keep(place, heard)
    written = incident.of_journal(place, clock("Europe/Berlin"))
    return json.loads((written.folder / "facts.json").read_text()), written.page.read_text()


def test_what_visitors_met_is_in_the_report_with_the_page(tmp_path):
    facts, text = report(tmp_path, shown(), SAID)
    assert facts["sites"] == ["shop"] and facts["failed"]["text"] == "at most 2"
    assert facts["page"]["value"] == 25.0 and "SitesFailing" in facts["page"]["why"]
    assert facts["detect"]["value"] == pytest.approx(4.5)
    assert [one["summary"] for one in facts["alerts"]] == ["One site fails."]
    assert "Alertmanager had told a receiver" in text and UNASKED not in text


def test_what_balancers_were_not_asked_monitoring_tells(tmp_path):
    uncounted = [one for one in shown() if one["event"] != "requests"]
    facts, _ = report(tmp_path, uncounted, SAID)
    assert facts["failed"]["value"] > 100


def test_what_failed_meanwhile_is_not_the_rollouts_where_no_visitor_met_it(tmp_path):
    facts, _ = report(tmp_path, reverted(), SAID)
    assert facts["headline"].startswith("No visitor noticed.") and facts["failed"]["value"] == 0
    assert "errors" not in {entry["kind"] for entry in facts["timeline"]}


def test_where_monitoring_was_not_asked_the_report_says_so(tmp_path):
    facts, _ = report(tmp_path, shown())
    assert facts["page"]["value"] is None and facts["page"]["why"] == UNASKED


def test_a_monitoring_host_that_is_silent_costs_no_report(tmp_path):
    silent = {**SAID, "answers": {}, "alerts": [], "problem": "the monitoring host did not answer"}
    facts, _ = report(tmp_path, shown(), silent)
    assert facts["page"]["value"] is None and "did not answer" in facts["page"]["why"]
    assert facts["failed"]["text"] == "at most 2"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"from": "x"}', '{"answers": 3, "from": 1, "until": 2}'])
def test_what_cannot_be_read_costs_no_report(tmp_path, text):
    (tmp_path / witness.FILE).write_text(text)
    assert witness.load(tmp_path) is None


def test_the_same_rollout_has_the_same_folder_with_and_without(tmp_path):
    """Reports that are missing are looked for by their folder."""
    one = told(shown())
    known = seen(SAID["answers"], "", moment(BEGAN), moment(BEGAN + 300))
    with_it = witnessed(of_rollout(one), one, known)
    assert (with_it.began, with_it.slug) == (of_rollout(one).began, of_rollout(one).slug)


def test_the_record_keeps_what_it_is_told_beside_the_journal_of_the_rollout(tmp_path):
    recorder = Recorder(tmp_path, Run("push", BEGAN, True, {}))
    named = {"rollout": {"id": "r1", "environment": "acme", "actor": "anna", "commit": "", "path": ""}}
    wanted = {"timezone": "", "from": "20261122T233059Z", "until": "", "answers": outage(), "alerts": [], "problem": ""}
    recorder.take(Done("web1", "name", "Name", "set_fact", BEGAN, BEGAN, "ok", {"ansible_facts": named}), "acme")
    heard = incident_request.heard(wanted, False)
    recorder.take(Done("web1", "witness", "Keep", "incident_report", BEGAN, BEGAN, "ok", heard), "acme")
    assert recorder.folders == [tmp_path / "acme" / "r1"]
    assert witness.load(tmp_path / "acme" / "r1").alerts is not None


@pytest.mark.parametrize("phase", ["awake", "witness"])
@pytest.mark.parametrize("verdict", ["failed", "unreachable"])
def test_a_monitoring_host_that_does_not_answer_is_no_failure_of_the_rollout(phase, verdict):
    assert events.of_task(Done("mon1", phase, "Ask", "uri", 0, 8, verdict, {"msg": "timed out"})) == []
