"""The report of a stretch of time: figures of Prometheus, and what is said where there are none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils.evenkeel_record import incident_figures as figures
from plugins.module_utils.evenkeel_record.incident_clock import moment
from plugins.module_utils.evenkeel_record.incident_model import Alert
from plugins.module_utils.evenkeel_record.incident_span import detect, of_span, seen, with_summaries
from tests.unit.record.events import BEGAN, published, rejected
from tests.unit.record.incidents import matrix, outage, told

FROM, UNTIL = moment(BEGAN), moment(BEGAN + 300)


def report(answers, problem="", rollouts=()):
    return of_span("acme", FROM, UNTIL, [told(one) for one in rollouts], seen(answers, problem, FROM, UNTIL))


def test_an_alert_that_fired_before_the_first_failure_did_not_detect_it():
    known = seen(outage(), "", FROM, UNTIL)
    old = Alert("Drift", "ticket", moment(BEGAN + 10), None)
    assert "SitesFailing" in detect(replace(known, alerts=(old, *known.alerts))).why


def test_an_outage_has_its_times():
    it = report(outage())
    assert it.recover.value == 30 and it.detect.value == 20 and it.page.value == 25
    assert it.failed.value == pytest.approx(570, abs=1)  # six times a hundred, less the twentieth that always fails
    assert it.sites == ("shop",)  # the other one failed before
    assert it.title.startswith("SitesFailing") and it.unseen == ()


def test_alerts_of_one_name_at_one_time_are_one():
    [alert] = report(outage()).alerts
    assert (alert.began, alert.ended) == (moment(BEGAN + 120), moment(BEGAN + 145))


def test_first_and_last_failed_request_stand_in_the_timeline():
    texts = {one.text: one for one in report(outage()).timeline}
    first = texts["The first requests failed that had not failed before"]
    assert (first.at, first.until) == (moment(BEGAN + 100), moment(BEGAN + 105))


def test_a_fleet_that_fails_as_usual_has_no_incident():
    quiet = {**outage(), "alerts": matrix(), "responses": matrix(({"code": "5xx"}, [(t, 5 * t) for t in range(-600, 305, 5)]))}
    it = report(quiet)
    assert (it.failed.value, it.failed.text) == (0, "0") and it.page.text == "nobody was paged"
    assert it.headline == "No more requests failed than in the ten minutes before."


def test_two_unlucky_visitors_are_no_incident():
    rows = matrix(({"code": "2xx"}, [(0, 0), (5, 100)]), ({"code": "5xx"}, [(0, 0), (5, 2)]))
    assert report({**outage(), "responses": rows}).failed.value == 0


def test_what_had_failed_in_an_incident_before_is_not_what_is_usual():
    usual, broken = figures.Slice(0, 5, 100, 5), figures.Slice(0, 5, 100, 100)
    assert figures.errors([usual] * 70 + [broken] * 50, 5).usual == 0.05
    assert figures.errors([], 5).usual == 0


def test_a_balancer_that_reloaded_counts_from_nothing():
    [one] = figures.slices(figures.series(matrix(({"code": "5xx"}, [(0, 900), (5, 4)]))))
    assert (one.asked, one.failed) == (4, 4)


def test_without_monitoring_nothing_is_known_and_every_gap_says_why():
    it = report({}, "the inventory has no group monitoring", [rejected(), published()])
    assert not any(one.known for one in (it.failed, it.detect, it.page, it.recover))
    assert len(it.unseen) == 4 and all("no group monitoring" in text for text in it.unseen)
    assert [one.outcome for one in it.changes] == ["rejected", "published"] and it.sites == ("blog",)
    assert it.cause and "for people to judge" in it.cause_note


@pytest.mark.parametrize(
    "answer", [{"status": "error", "error": "out of bounds"}, {}, {"status": "success", "data": {"result": [{"metric": 1}]}}, 7]
)
def test_an_answer_that_is_none_is_a_gap_and_no_crash(answer):
    it = report({**outage(), "responses": answer})
    assert not it.failed.known and len(it.unseen) == 1
    assert it.page.value is None and it.alerts


def test_a_page_that_nobody_saw_leave_is_not_timed():
    quiet = matrix(({}, [(-600, 3), (300, 3)]))
    it = report({**outage(), "notified": quiet})
    assert not it.page.known and "SitesFailing fired" in it.page.why


def test_what_another_incident_has_just_left_is_not_taken_for_this_one():
    """A page that began before, and a site that had failed and was well again."""
    left = matrix(({"alertname": "Earlier", "severity": "page"}, [(when, 1) for when in range(-60, 25, 5)]))
    [earlier] = left["data"]["result"]
    answers = {**outage(), "failing": matrix(({"site": "shop"}, [(-90, 0), (-85, 0), (110, 0)]))}
    answers["alerts"]["data"]["result"].append(earlier)
    answers["notified"] = matrix(({}, [(when, 3 + (when >= -50) + (when >= 125)) for when in range(-600, 305, 5)]))
    it = report(answers)
    assert (it.page.value, it.sites) == (25, ("shop",)) and it.title.startswith("SitesFailing")
    answers["alerts"]["data"]["result"] = [earlier]
    assert "Earlier fired before the first request failed" in report(answers).page.why


def test_a_monitoring_host_that_is_back_has_told_nobody():
    away = matrix(
        ({"host": "mon1"}, [(when, 7) for when in range(-600, 305, 5) if not 110 < when < 140]),
        ({"host": "mon2"}, [(when, 3 if when < 145 else 4) for when in range(-600, 305, 5)]),
    )
    assert report({**outage(), "notified": away}).page.value == 45
    assert figures.QUERIES["notified"].count("sum by (host)") == 2


def test_a_balancer_that_nobody_watches_is_told():
    it = report({**outage(), "responses": matrix()})
    assert not it.failed.known and "no balancer is watched" in it.failed.why


def test_an_alert_that_fires_still_has_no_end_and_its_words():
    answers = {**outage(), "alerts": matrix(({"alertname": "A", "severity": "ticket"}, [(290, 1), (295, 1), (300, 1)]))}
    [alert] = report(answers).alerts
    assert alert.ended is None
    [said] = with_summaries([alert], [{"labels": {"alertname": "A"}, "annotations": {"summary": "Visitors wait."}}])
    assert said.summary == "Visitors wait." and isinstance(said, Alert)


def test_questions_fit_into_what_prometheus_answers():
    assert figures.step_s(0, 3600) == 5
    assert (31 * 86400 + figures.BEFORE_S) / figures.step_s(0, 31 * 86400) <= 11_000
