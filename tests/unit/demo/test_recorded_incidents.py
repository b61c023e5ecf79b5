"""Two real pushes under 200 requests a second: what the fleet's journal says and what the client wrote down are one evening.

Recorded by `make fleet` on two cores, and thinned: journals without diffs; of the requests one of forty, all that failed, and all
that web1 answered about when it was drained and came back.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import incidents
from demo.client.record import read
from plugins.module_utils.evenkeel_record import journal, rollout
from plugins.module_utils.evenkeel_record.incident_model import document
from plugins.module_utils.evenkeel_record.incident_rollout import of_rollout

RECORDED = Path(__file__).with_name("recorded")
NEAR_S = 2.0  # the client was there so long before and after


@pytest.fixture(params=["rejected", "reverted"])
def recorded(request):
    """Facts of the report, and the client's record."""
    folder = RECORDED / request.param
    one = rollout.from_events(journal.read(folder / journal.NAME))
    return document(of_rollout(one), "UTC"), read(folder / "requests.csv")


def compared(facts, visits):
    began, ended = incidents.moment(facts["began"]), incidents.moment(facts["ended"])
    return incidents.differences(facts, visits, began - NEAR_S, ended + NEAR_S)


def test_the_report_and_the_client_agree_to_the_second(recorded):
    facts, visits = recorded
    assert len(visits) > 100 and facts["headline"].startswith("No visitor noticed")
    assert compared(facts, visits) == []


def test_two_seconds_are_enough_to_be_found(recorded):
    facts, visits = recorded
    moved = [visit._replace(at=visit.at + 2.5) for visit in visits]
    assert bool(compared(facts, moved)) is bool(facts["away"])


def test_the_cause_is_that_of_the_server(recorded):
    facts, _ = recorded
    assert any("class-wp-locale.phpp" in text or "stock.php:5" in text for text in facts["cause"])
