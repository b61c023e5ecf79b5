"""The report itself: one form in two clothes, safe to show, never written over what a person wrote."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_record import incident, incident_words, journal
from plugins.module_utils.evenkeel_record.incident_clock import clock, moment
from plugins.module_utils.evenkeel_record.incident_folder import write
from plugins.module_utils.evenkeel_record.incident_page import html, markdown
from plugins.module_utils.evenkeel_record.incident_request import planned, written
from plugins.module_utils.evenkeel_record.incident_rollout import of_rollout
from plugins.module_utils.evenkeel_record.incident_span import of_span, seen
from tests.unit.record.events import BEGAN, HOSTILE, begin, diff, end, failure, hostile, published, reason, rejected
from tests.unit.record.incidents import killed, outage, reverted, told

BERLIN = clock("Europe/Berlin")
HEADINGS = ["Issue summary", "Timeline", "Root cause", "Resolution and recovery", "Corrective and preventive measures"]
BOTH = pytest.mark.parametrize("render", [markdown, html])


def keep(record, events, name="20261122T233059Z-81aa01"):
    folder = record / "example" / name
    folder.mkdir(parents=True)
    (folder / journal.NAME).write_bytes(b"".join(map(journal.line, events)))
    return folder


@BOTH
def test_the_form_is_always_the_same(render):
    for events in (rejected(), reverted(), killed()):
        text = render(of_rollout(told(events)), BERLIN)
        found = re.findall(r"(?m)^(?:## |<h2>)([^<\n]+)", text)
        assert found[:5] == HEADINGS
        assert text.count("To be written by a person:") == 5


@BOTH
def test_times_are_local_with_their_offset_and_utc(render):
    text = render(of_rollout(told(rejected())), BERLIN)
    assert "2026-11-23 00:30:59 +01:00 (2026-11-22 23:30:59 UTC)" in text
    assert "Monday, 23 November 2026" in text and "Europe/Berlin" in text


@BOTH
def test_an_incident_over_midnight_has_two_days(render):
    began = moment(BEGAN) - timedelta(minutes=31, seconds=30)  # 23:59:29 in Berlin, when the first day's last half minute runs
    shifted = [{**one, "at": (moment(BEGAN + i * 20) - timedelta(minutes=31)).isoformat()} for i, one in enumerate(rejected())]
    text = render(of_rollout(told(shifted)), BERLIN)
    assert "Sunday, 22 November 2026" in text and "Monday, 23 November 2026" in text
    assert BERLIN.date(began) == "Sunday, 22 November 2026"


@BOTH
def test_an_incident_over_the_end_of_summer_time_is_in_order(render):
    at = ["2026-10-25T00:59:50Z", "2026-10-25T01:00:10Z", "2026-10-25T01:00:20Z"]
    events = [begin(at=at[0]), failure("web1", [reason()], at=at[1]), end(at=at[2])]
    text = render(of_rollout(told(events)), BERLIN)
    assert text.index("02:59:50 +02:00") < text.index("02:00:20 +01:00")


@BOTH
def test_what_strangers_said_has_nothing_that_is_not_seen(render):
    text = render(of_rollout(told([*hostile()[:-1], end("rejected", message=HOSTILE)])), BERLIN)
    assert not set("\x1b\x00\u202e") & set(text) and text.encode("utf-8")


def test_markdown_has_no_tag_outside_code():
    text = markdown(of_rollout(told([*hostile()[:-1], end("rejected", message=HOSTILE)])), BERLIN)
    assert "\\<script\\>" in text
    assert not re.search(r"(?<!\\)<", re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", text))


def test_a_web_page_has_only_the_tags_of_its_template():
    page = html(of_rollout(told([*hostile()[:-1], end("rejected", message=HOSTILE)])), BERLIN)
    assert "&lt;script&gt;" in page
    assert "<script" not in page and "<img" not in page and page.count("</title>") == page.count("</style>") == 1
    assert "default-src &#39;none&#39;" in page and not re.search(r'(?:src|href)="(?!\.\./)', page)


@pytest.mark.parametrize("text", ["a`b", "``", "`", "<b>", "a | b", "x\n# y", "*a* _b_ [c](d)", "\\", "&lt;"])
def test_markdown_shows_what_it_was_given(text):
    fence = re.match(r"`+", incident_words.code(text)).group()  # type: ignore[union-attr]
    assert fence not in incident_words.code(text)[len(fence) : -len(fence)] and "\n" not in incident_words.code(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>|*\[\]`&]", incident_words.markdown(text))


def test_a_report_tells_no_secret(tmp_path):
    secret = "hunter2-planted"
    events = [begin(options={"db_password": secret}), diff(text=f"+password = {secret}"), *rejected()[1:]]
    found = incident.of_journal(keep(tmp_path, events), BERLIN)
    assert found and (tmp_path / "example" / "20261122T233059Z-81aa01" / journal.NAME).read_text().count(secret) == 2
    assert [file for file in found.folder.iterdir() if secret in file.read_text()] == []


def test_a_rollout_that_mattered_leaves_its_report_and_others_none(tmp_path):
    found = incident.of_journal(keep(tmp_path, rejected()), BERLIN)
    assert found and found.folder == tmp_path / "example/incidents/20261122T233059Z-rejected-blog"
    assert sorted(file.name for file in found.folder.iterdir()) == ["facts.json", "report.html", "report.md"]
    assert found.page.stat().st_mode & 0o777 == 0o640
    assert incident.of_journal(keep(tmp_path, published(), "later"), BERLIN) is None


def test_facts_are_for_machines(tmp_path):
    found = incident.of_journal(keep(tmp_path, reverted()), BERLIN)
    assert found
    facts = json.loads((found.folder / "facts.json").read_text())
    assert (facts["zone"], facts["kind"], facts["failed"]["value"]) == ("Europe/Berlin", "reverted", 0)
    assert facts["began"] == "2026-11-22T23:30:59.000Z" and facts["away"][0]["host"] == "web1"


def test_what_a_person_wrote_is_never_overwritten(tmp_path):
    it = of_rollout(told(rejected()))
    first = write(tmp_path, it, BERLIN)
    again = write(tmp_path, it, BERLIN)
    assert again.files == first.files and again.edited == ()
    report = first.folder / "report.md"
    report.write_text("What I think of it.")
    third = write(tmp_path, it, BERLIN)
    assert report.read_text() == "What I think of it." and third.edited == (report,)
    assert [file.name for file in third.files] == ["report-2.md", "report.html"]
    assert write(tmp_path, it, BERLIN).files == third.files


def test_with_the_facts_lost_every_file_counts_as_edited(tmp_path):
    first = write(tmp_path, of_rollout(told(rejected())), BERLIN)
    (first.folder / "facts.json").write_text("{")
    assert [file.name for file in write(tmp_path, of_rollout(told(rejected())), BERLIN).files] == ["report-2.md", "report-2.html"]


def texts(made):
    return "".join(Path(file).read_text() for file in made["reports"])


def wanted(record, **more):
    base = {"environment": "example", "record_dir": str(record), "timezone": "Europe/Berlin", "from": "", "until": ""}
    return {**base, "answers": {}, "alerts": [], "problem": "nobody asked", **more}


def test_without_a_time_missing_reports_are_made_once(tmp_path):
    keep(tmp_path, killed())
    keep(tmp_path, published(), "20261122T224500Z-aaaaaa")
    assert planned(wanted(tmp_path), False)["queries"] == {}
    assert not written(wanted(tmp_path), True)["changed"] and not (tmp_path / "example/incidents").exists()
    made = written(wanted(tmp_path), False)
    assert made["changed"] and "interrupted" in made["message"] and len(made["reports"]) == 2
    assert written(wanted(tmp_path), False) == {
        "changed": False,
        "message": "no rollout of the record lacks a report",
        "reports": [],
    }


def test_a_time_gathers_the_rollouts_that_overlap_it(tmp_path):
    keep(tmp_path, rejected())
    span = {"from": "2026-11-23T00:31:00", "until": "2026-11-23T00:40:00"}
    queries = planned(wanted(tmp_path, **span), False)["queries"]
    assert queries["responses"]["start"] == "1795389660" and queries["responses"]["end"] == "1795390800"
    assert "rejected" in texts(written(wanted(tmp_path, **span), False))
    before = {"from": "2026-11-22T00:00:00", "until": "2026-11-22T01:00:00"}
    assert "No rollout of the record" in texts(written(wanted(tmp_path, **before), False))


@BOTH
def test_a_stretch_of_time_with_alerts_is_a_report(render):
    known = seen(outage(), "", moment(BEGAN), moment(BEGAN + 300))
    text = render(of_span("acme", moment(BEGAN), moment(BEGAN + 300), [], known), BERLIN)
    assert "SitesFailing" in text and "25 s" in text and "30 s" in text
