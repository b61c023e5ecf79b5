"""Reports of pages: one for each, written while it lasts, finished when it is over, and never more than a disk can hold."""

from __future__ import annotations

import json

import pytest

from plugins.module_utils.evenkeel_record.incident_clock import clock
from plugins.module_utils.evenkeel_record.incident_paged import KEPT, QUIET_S, STATE, look
from tests.unit.record.events import BEGAN
from tests.unit.record.incidents import outage

BERLIN = clock("Europe/Berlin")
PAGED = BEGAN + 120


class Host:
    """A monitoring host on which a page fires from `PAGED` until somebody sets `firing` to nothing."""

    def __init__(self):
        self.firing, self.silent, self.asked = [PAGED], False, 0

    def instant(self, query):
        if self.silent:
            raise OSError("nobody answers")
        return self.firing

    def ranges(self, queries):
        self.asked += 1
        return outage()

    def alerts(self):
        return [{"labels": {"alertname": "SitesFailing"}, "annotations": {"summary": "Visitors get errors"}}]


def reports(folder):
    return sorted(folder.glob("example/incidents/*/report.html"))


def test_nothing_is_written_while_nobody_is_paged(tmp_path):
    host = Host()
    host.firing = []
    assert look(tmp_path, "example", host, BERLIN, PAGED) is None
    assert list(tmp_path.iterdir()) == [] and host.asked == 0


def test_a_page_has_one_report_from_its_first_minute_until_it_is_over(tmp_path):
    host = Host()
    for later in (10, 40, 70):
        assert look(tmp_path, "example", host, BERLIN, PAGED + later)
    host.firing = []
    assert look(tmp_path, "example", host, BERLIN, PAGED + 100)
    assert look(tmp_path, "example", host, BERLIN, PAGED + 71 + QUIET_S)
    [report] = reports(tmp_path)
    facts = json.loads((report.parent / "facts.json").read_text())
    assert facts["why"] == "somebody was paged" and facts["page"]["value"] is not None
    assert "SitesFailing" in report.read_text() and "Visitors get errors" in (report.parent / "report.md").read_text()
    assert not (tmp_path / STATE).exists()
    assert look(tmp_path, "example", host, BERLIN, PAGED + 90 + QUIET_S) is None


def test_a_second_page_soon_after_is_the_same_incident(tmp_path):
    host = Host()
    look(tmp_path, "example", host, BERLIN, PAGED + 10)
    host.firing = [PAGED + 300]
    look(tmp_path, "example", host, BERLIN, PAGED + 310)
    assert len(reports(tmp_path)) == 1


def test_a_page_that_lasts_is_asked_for_less_often(tmp_path):
    host = Host()
    look(tmp_path, "example", host, BERLIN, PAGED + 3600)
    assert look(tmp_path, "example", host, BERLIN, PAGED + 3630) is None
    assert look(tmp_path, "example", host, BERLIN, PAGED + 3661)


def test_a_silent_prometheus_closes_no_page(tmp_path):
    host = Host()
    look(tmp_path, "example", host, BERLIN, PAGED + 10)
    host.silent = True
    with pytest.raises(OSError, match="nobody"):
        look(tmp_path, "example", host, BERLIN, PAGED + 5000)
    assert (tmp_path / STATE).exists()


def test_the_disk_does_not_fill(tmp_path):
    for number in range(KEPT + 5):
        (tmp_path / "example/incidents" / f"2020{number:04d}T000000Z-incident").mkdir(parents=True)
    host = Host()
    look(tmp_path, "example", host, BERLIN, PAGED + 10)
    host.firing = []
    look(tmp_path, "example", host, BERLIN, PAGED + 20 + QUIET_S)
    left = sorted(path.name for path in (tmp_path / "example/incidents").iterdir())
    assert len(left) == KEPT and left[0] == "20200006T000000Z-incident" and len(reports(tmp_path)) == 1
