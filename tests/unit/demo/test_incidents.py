"""A report that is not what visitors saw is found out."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from demo import incidents
from demo.client import Visit
from demo.client.record import Record
from demo.plot import Ending
from demo.scenarios import with_report
from plugins.module_utils.evenkeel_record.incident_clock import clock
from plugins.module_utils.evenkeel_record.incident_folder import write
from plugins.module_utils.evenkeel_record.incident_model import document
from plugins.module_utils.evenkeel_record.incident_rollout import of_rollout
from tests.unit.record.events import BEGAN, rejected
from tests.unit.record.incidents import reverted, told

START, END = BEGAN - 2, BEGAN + 25


def facts(events):
    return document(of_rollout(told(events)), "UTC")


def visits(out=5.0, back=19.0, release="3f9c11aa20cd", outcome="ok"):
    """Each of two hosts answers twenty times a second; web1 answers nobody from `out` to `back`."""
    times = [START + i / 20 for i in range(27 * 20)]
    found = [Visit(at, "edge", "shop", "GET", "/", 200, outcome, 5.0, False, "web2", release) for at in times]
    here = [at for at in times if not out < at - BEGAN < back]
    return found + [Visit(at, "edge", "shop", "GET", "/", 200, "ok", 5.0, False, "web1", release) for at in here]


def test_reports_that_are_right_are_not_doubted():
    assert incidents.differences(facts(rejected()), visits(out=99), START, END) == []
    assert incidents.differences(facts(reverted()), visits(), START, END) == []


@pytest.mark.parametrize(
    "out, back, told_of", [(3.0, 19, "taken out"), (7.5, 19, "taken out"), (5, 16.5, "back"), (5, 21.0, "back")]
)
def test_a_host_that_was_out_at_another_second_is_found(out, back, told_of):
    [problem] = incidents.differences(facts(reverted()), visits(out, back), START, END)
    assert told_of in problem and problem.startswith("web1's")


def test_a_host_that_never_was_out_or_never_came_back_is_found():
    assert len(incidents.differences(facts(reverted()), visits(99, 99), START, END)) == 2
    assert incidents.differences(facts(reverted()), visits(5, 99), START, END) == [
        "the client has no first answer after it was back of web1"
    ]


def test_a_request_that_failed_is_found():
    one = Visit(BEGAN + 3, "edge", "shop", "GET", "/", 500, "status", 5.0, False, "web2", "3f9c11aa20cd")
    [problem] = incidents.differences(facts(rejected()), [*visits(99), one], START, END)
    assert problem == "the report says that 0 requests failed, the client that 1 did"


def test_a_release_that_visitors_met_is_found():
    [problem] = incidents.differences(facts(rejected()), visits(99, release="81aa0192ffe3"), START, END)
    assert "no visitor noticed, and" in problem


@pytest.mark.parametrize("start, end", [(START + 3.5, END), (START, END - 25), (START - 3600, END - 3600)])
def test_a_report_of_another_time_is_found(start, end):
    [problem] = incidents.differences(facts(rejected()), visits(99), start, end)
    assert "not when it happened" in problem


def scene(tmp_path, rollout, asked):
    """An evening whose record and client have written down `asked`, and the run that it is about."""
    with (tmp_path / "requests.csv").open("w", encoding="utf-8") as file:
        record = Record(file)
        record.add(asked)
        record.flush()
    evening = SimpleNamespace(record=tmp_path / "example", stream=SimpleNamespace(record=tmp_path / "requests.csv"))
    return evening, SimpleNamespace(report={"rollout": rollout}, began=START)


def test_a_scenario_names_its_report_and_doubts_what_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr("demo.scenarios.time", SimpleNamespace(time=lambda: END, sleep=lambda seconds: None))
    path = write(tmp_path, of_rollout(told(rejected())), clock("UTC")).page
    good = with_report(*scene(tmp_path, "20261122T233059Z-81aa01", visits(99)), Ending("rejected", "why"))
    assert (good.incident, good.doubts) == (str(path), ())
    bad = with_report(*scene(tmp_path, "20261122T233059Z-81aa01", visits(99, outcome="status")), Ending("rejected", "why"))
    assert bad.incident and "requests failed" in bad.doubts[0]
    none = with_report(*scene(tmp_path, "another", visits(99)), Ending("rejected", "why", ("already",)))
    assert none.doubts == ("already", "there is no incident report of it") and not none.incident


def test_the_report_of_a_rollout_is_found_by_its_name(tmp_path):
    written = write(tmp_path, of_rollout(told(rejected())), clock("UTC"))
    found = incidents.find(tmp_path / "example", "20261122T233059Z-81aa01")
    assert found == written.folder / "facts.json" and incidents.page(found) == written.page
    assert incidents.find(tmp_path / "example", "another") is None
