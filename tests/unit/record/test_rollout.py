"""What a journal says of its rollout, also when it says little, or nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_record import rollout, summary, timeline
from plugins.module_utils.evenkeel_record.incident_story import ENDS

from . import events


def test_a_rejected_push_names_site_expectation_answer_and_all_hosts():
    found = summary.found(rollout.from_events(events.rejected()))
    assert [(one.hosts, one.reason.site, one.reason.expected, one.reason.got) for one in found] == [
        (events.HOSTS, "blog", "200", "answered 500")
    ]
    assert found[0].causes == (events.CAUSE,)


def test_a_journal_without_an_end_reads_interrupted_unless_somebody_writes_it():
    torn = events.published()[:-4]
    assert rollout.from_events(torn).outcome == "interrupted"
    assert rollout.from_events(torn, running=True).outcome == "running"
    assert rollout.from_events(torn).seconds == pytest.approx(19)


@pytest.mark.parametrize("length", range(0, len(events.published()), 3))
def test_every_beginning_of_a_journal_is_a_rollout(length):
    one = rollout.from_events(events.published()[:length])
    assert one.outcome == "interrupted"
    assert all(0 <= bar.left <= 100 and bar.left + bar.width <= 100.01 for row in timeline.rows(one) for bar in row.bars)


def test_nonsense_is_a_rollout_too():
    one = rollout.from_events(events.hostile())
    assert one.requests == rollout.Requests(0, 0)
    assert "\x1b" not in repr(one.message + one.actor)
    assert "\u202e" not in one.message
    one.message.encode()  # no half of a character is left


def test_an_outcome_nobody_knows_is_a_failure():
    assert rollout.from_events([events.begin(), events.end("splendid")]).outcome == "failed"


def test_requests_are_told_only_when_somebody_counted():
    said = [summary.lost_text(rollout.from_events(journal)) for journal in (events.rejected(), events.published())]
    assert said == ["not measured: no balancer counted", "none of 18,432"]
    lost = {"at": events.at(3), "event": "requests", "asked": 1204, "failed": 3, "before": [20_000, 40]}
    assert summary.lost_text(rollout.from_events([events.begin(), lost])) == (
        "3 of 1,204, 0.25 %; before it 0.2 %, maintenance pages included"
    )


def test_a_bar_stands_where_its_phase_was():
    one = rollout.from_events([events.begin(), events.phase(6, "web1", "live", "Make it live", 4), events.end("published", 8)])
    (row,) = timeline.rows(one)
    assert [(bar.kind, bar.left, bar.width) for bar in row.bars] == [("live", 25, 50)]
    assert row.busy == "4.0 s"


def test_a_host_that_goes_back_is_not_shown_as_one_that_confirms():
    titles = {"Put back every host": "revert", "Let go of the balancers": "drain"}
    for phase, title, kind in [("settle", "Confirm", "confirm"), *((end, *pair) for end in ENDS for pair in titles.items())]:
        one = rollout.from_events([events.begin(), events.phase(6, "web1", phase, title, 4), events.end("reverted", 8)])
        assert timeline.rows(one)[0].bars[0].kind == kind


def test_the_titles_that_tell_phases_apart_are_those_of_the_playbooks():
    tasks = Path(__file__).resolve().parents[3] / "playbooks" / "tasks"
    ending = "".join((tasks / f"{name}.yml").read_text(encoding="utf-8") for name in ENDS)
    assert all(f"end | {start}" in ending for start in timeline.TITLES)


def test_a_clock_that_was_set_back_draws_nothing_outside():
    one = rollout.from_events(
        [events.begin(), events.phase(-50, "web1", "live", "Make it live", 900), events.end("published", 8)]
    )
    (bar,) = timeline.rows(one)[0].bars
    assert (bar.left, bar.width) == (0, 100)


def test_all_failures_are_counted_that_are_not_shown():
    one = rollout.from_events(events.huge(sites=1000, hosts=3))
    every = summary.found(one)
    shown = every[: summary.MAX_FAILURES]
    assert len(shown) + summary.unlisted(one, shown, every) == 1000
