"""What is up, what is down, and what nobody saw, which is neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_watch import history, uptime
from plugins.module_utils.evenkeel_watch.errors import Silent
from plugins.module_utils.evenkeel_watch.history import History
from plugins.module_utils.evenkeel_watch.prometheus import Sample
from plugins.module_utils.evenkeel_watch.uptime import DOWN, SOME, UNKNOWN, WELL, Share

MIDNIGHT = 1_800_057_600.0  # 2027-01-16 00:00 UTC


def test_a_gap_in_monitoring_is_neither_up_nor_down() -> None:
    seen = uptime.seen(3600, 60, 1.0, 30)  # half of the visits that there should be
    assert (seen.up, seen.down) == (1800, 0)
    assert uptime.seen(3600, 0, 0.0, 30).ratio is None


def test_more_visits_than_fit_are_no_more_time_than_there_was() -> None:
    assert uptime.seen(60, 5, 1.0, 30).known == 60


def test_failed_visits_are_time_down() -> None:
    assert uptime.seen(3600, 120, 0.9, 30) == Share(pytest.approx(3240), pytest.approx(360))


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1.0, "100 %"), (0.99999, "99.99 %"), (0.9995, "99.95 %"), (0.5, "50.00 %"), (0.0, "0.00 %"), (None, "no data"),
     (86400 / 86400, "100 %"), (0.29, "29.00 %")],
)  # fmt: skip
def test_a_share_is_never_rounded_up(ratio: float | None, text: str) -> None:
    assert uptime.percent(ratio) == text


def test_a_span_lies_within_one_day_and_is_short() -> None:
    found = list(uptime.spans(MIDNIGHT - 4000, MIDNIGHT + 100))
    assert found == [
        (MIDNIGHT - 4000, MIDNIGHT - 400),
        (MIDNIGHT - 400, MIDNIGHT),
        (MIDNIGHT, MIDNIGHT + 100),
    ]


def test_what_was_not_asked_for_longer_than_a_day_stays_unknown() -> None:
    found = list(uptime.spans(MIDNIGHT - 40 * 86400, MIDNIGHT))
    assert found[0][0] == MIDNIGHT - 86400
    assert list(uptime.spans(MIDNIGHT + 5, MIDNIGHT)) == []  # a clock that was put back


@pytest.mark.parametrize(
    ("ratio", "grade"), [(1, WELL), (0.999, WELL), (0.9989, SOME), (0.99, SOME), (0.98, DOWN), (None, UNKNOWN)]
)
def test_a_day_has_a_grade(ratio: float | None, grade: str) -> None:
    assert uptime.grade(ratio) == grade


@pytest.mark.parametrize(
    ("failing", "silent", "state"),
    [(0, 0, WELL), (1, 0, WELL), (4, 0, WELL), (5, 0, SOME), (49, 0, SOME), (50, 0, DOWN), (0, 51, UNKNOWN), (0, 50, WELL)],
)
def test_one_tenants_trouble_is_not_the_pools(failing: int, silent: int, state: str) -> None:
    sites = [str(number) for number in range(100)]
    answers = {site: int(site) >= failing for site in sites[: 100 - silent]}
    assert uptime.now_of_pool(answers, sites) == state


def test_a_pool_of_one_site_is_as_its_site_is() -> None:
    assert uptime.now_of_pool({"a": False}, ["a"]) == DOWN
    assert uptime.now_of_pool({}, ["a"]) == uptime.now_of_pool({}, []) == UNKNOWN


class Prometheus:
    """Every site answers; nobody is asked about a time twice."""

    def __init__(self, silent_after: float = 1e12) -> None:
        self.asked: list[float] = []
        self.silent_after = silent_after

    def query(self, expression: str, at: float) -> list[Sample]:
        if at > self.silent_after:
            raise Silent("no answer")
        window = int(expression.partition("[")[2].partition("ms")[0]) / 1000
        self.asked.append(window)
        return [Sample({"site": "blog"}, 1.0 if "avg" in expression else window / 30)]


def test_time_is_counted_once_over_runs_and_midnight(tmp_path: Path) -> None:
    known = History(MIDNIGHT - 600)
    for now in (MIDNIGHT - 300, MIDNIGHT + 300, MIDNIGHT + 300):
        history.save(tmp_path, known, known.catch_up(Prometheus(), now, 30), now)
        known = history.load(tmp_path, now)
    assert known.days == {"2027-01-15": {"blog": Share(600, 0)}, "2027-01-16": {"blog": Share(300, 0)}}


def test_days_that_are_not_shown_any_more_go(tmp_path: Path) -> None:
    (tmp_path / "2026-01-01.json").write_text("{}")
    history.save(tmp_path, History(MIDNIGHT, {"2027-01-16": {}}), {"2027-01-16"}, MIDNIGHT)
    assert [path.name for path in tmp_path.glob("*.json")] == ["2027-01-16.json"]


def test_a_day_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "2027-01-16.json").write_text('{"blog": ')
    (tmp_path / "until").write_text("x")
    assert history.load(tmp_path, MIDNIGHT) == History(0.0, {})


def test_ninety_days_end_today() -> None:
    found = history.dates(MIDNIGHT)
    assert (len(found), found[0], found[-1]) == (90, "2026-10-19", "2027-01-16")
