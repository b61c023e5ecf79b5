"""The watch from Prometheus' figures to hosts that went back, over a fleet that only answers what the test says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel_watch.config import Config, Watched
from plugins.module_utils.evenkeel_watch.errors import Refused, Silent, WatchError
from plugins.module_utils.evenkeel_watch.hosts import answered
from plugins.module_utils.evenkeel_watch.prometheus import Sample, samples
from plugins.module_utils.evenkeel_watch.rounds import Watch

NOW = 1_800_000_000.0
BEGUN, CONFIRMED = NOW - 120, NOW - 60


class Prometheus:
    """Two web hosts published r1 a minute ago; monitoring finds every site well."""

    def __init__(self) -> None:
        self.published = {"web1": CONFIRMED, "web2": CONFIRMED}
        self.rollouts: dict[str, str] = {}
        self.outcome = "published"
        self.windows: list[str] = []

    def query(self, expression: str, at: float) -> list[Sample]:
        if "evenkeel_rollout_info" in expression:
            last = {host: self.rollouts.get(host, "r1") for host in self.published}
            labels = {host: {"host": host, "rollout": last[host], "outcome": self.outcome} for host in last}
            return [Sample(labels[host], when) for host, when in self.published.items()]
        self.windows.append(expression.partition("[")[2].partition("]")[0])
        value = 1.0 if "avg" in expression else 4.0
        return [Sample({"site": site}, value) for site in ("blog", "shop")]


class Fleet:
    """Remembers what hosts were asked; `answers` by (host, question) may be an error to raise."""

    def __init__(self) -> None:
        self.failed = 0
        self.since = 0.0
        self.gone: set[str] = set()  # back, to where there is nothing to watch
        self.asked: list[tuple[str, str, Any]] = []
        self.answers: dict[tuple[str, str], Any] = {}

    def ask(self, host: str, question: Any, timeout_s: float = 30, payload: bytes = b"") -> dict[str, Any]:
        kind = question["ask"]
        self.asked.append(
            (host, kind, question.get("out") or question.get("back") or question.get("hold") or question.get("last"))
        )
        answer = self.answers.get((host, kind), self._usual(kind))
        if isinstance(answer, Exception):
            raise answer
        if kind == "look" and host in self.gone:
            return {"rollout": ""}
        if kind == "back" and answer["outcome"] == "reverted":
            self.gone.add(host)
        found: dict[str, Any] = answer
        return found

    def _usual(self, kind: str) -> dict[str, Any]:
        counts = {"before": {"blog": [200, 0]}, "after": {"blog": [20, self.failed]}}
        look = {
            "rollout": "r1",
            "tier": "web",
            "since": self.since,
            "begun": BEGUN,
            "confirmed": CONFIRMED,
            "touched": ["blog"],
            "added": [],
            **counts,
        }
        return {"look": look, "back": {"outcome": "reverted", "message": ""}, "rotate": {"failures": []}}.get(kind, {})

    def did(self, kind: str) -> list[tuple[str, Any]]:
        return [(host, what) for host, asked, what in self.asked if asked == kind]


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


@pytest.fixture
def prometheus() -> Prometheus:
    return Prometheus()


def config(folder: Path, auto_revert: bool = True) -> Config:
    hosts = [("web1", "web"), ("web2", "web"), ("edge1", "edge"), ("edge2", "edge")]
    watched = tuple(Watched(name, tier, tier) for name, tier in hosts)
    return Config("mon1", watched, 1800, auto_revert, "", folder, "")


def rounds(folder: Path, prometheus: Prometheus, fleet: Fleet, count: int = 2, auto_revert: bool = True) -> str:
    """What the metrics say afterwards. Each round begins anew, as the unit does."""
    for number in range(count):
        Watch(config(folder, auto_revert), prometheus, fleet).round(NOW + 30 * number)
    return (folder / "watch.prom").read_text()


def test_a_rollout_that_broke_nothing_is_left_alone(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    told = rounds(tmp_path, prometheus, fleet)
    assert {kind for _, kind, _ in fleet.asked} == {"look"}
    assert 'evenkeel_watch_state{rollout="r1",state="watching"} 1' in told
    assert "evenkeel_watch_regression{" not in told


def test_a_regression_takes_every_host_back_drained_and_one_at_a_time(
    tmp_path: Path, prometheus: Prometheus, fleet: Fleet
) -> None:
    fleet.failed = 15
    told = rounds(tmp_path, prometheus, fleet)
    order = [(host, kind, what) for host, kind, what in fleet.asked if kind in ("rotate", "back")]
    both = ("edge1", "edge2")
    assert order == [
        *((edge, "rotate", None) for edge in both),
        *((edge, "rotate", ["web1"]) for edge in both),
        ("web1", "back", None),
        *((edge, "rotate", ["web1"]) for edge in both),
        *((edge, "rotate", ["web2"]) for edge in both),
        ("web2", "back", None),
        *((edge, "rotate", ["web2"]) for edge in both),
        *((edge, "rotate", True) for edge in both),
    ]
    assert 'evenkeel_watch_regression{pool="web",rollout="r1",site="blog"} 1' in told
    assert 'state="reverted"' in told


@pytest.mark.parametrize(("since", "window"), [(0.0, "900s"), (BEGUN - 40, "40s"), (BEGUN, "1s")])
def test_monitoring_s_visits_count_from_when_the_release_before_was_there(
    tmp_path: Path, prometheus: Prometheus, fleet: Fleet, since: float, window: str
) -> None:
    fleet.since = since
    rounds(tmp_path, prometheus, fleet, count=1)
    assert prometheus.windows == [window, window, "60s", "60s"]


def test_one_round_alone_takes_nobody_back(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    assert "evenkeel_watch_regression{" not in rounds(tmp_path, prometheus, fleet, count=1)
    assert fleet.did("back") == []


def test_once_all_is_well_again_people_are_left_alone_soon(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    """An alert that goes on would hide the next one of the same fleet."""
    fleet.failed = 15
    told = rounds(tmp_path, prometheus, fleet, count=13)
    assert "evenkeel_watch_regression{" not in told
    assert 'state="reverted"' in told


def test_a_later_rollout_on_every_host_ends_the_alert(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    assert "evenkeel_watch_regression{" in rounds(tmp_path, prometheus, fleet, auto_revert=False)
    prometheus.rollouts["web1"] = "r2"
    assert "evenkeel_watch_regression{" in rounds(tmp_path, prometheus, fleet, count=1, auto_revert=False)
    prometheus.rollouts["web2"] = "r2"
    assert 'evenkeel_watch_state{rollout="r1",state="replaced"} 1' in rounds(tmp_path, prometheus, fleet, 1, auto_revert=False)
    prometheus.published = dict.fromkeys(("web1", "web2"), NOW - 1801)  # what came later is no longer watched either
    assert "evenkeel_watch_regression{" not in rounds(tmp_path, prometheus, fleet, count=1, auto_revert=False)


def test_who_did_not_come_back_well_is_told_of_on_and_on(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    fleet.answers["web1", "back"] = Silent("web1 does not answer")
    assert 'evenkeel_watch_regression{pool="web",rollout="r1",site="blog"} 1' in rounds(tmp_path, prometheus, fleet, count=13)


def test_it_goes_back_once(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    rounds(tmp_path, prometheus, fleet, count=6)
    assert [host for host, _ in fleet.did("back")] == ["web1", "web2"]


def test_where_that_is_not_allowed_hosts_and_people_are_told(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    told = rounds(tmp_path, prometheus, fleet, count=5, auto_revert=False)
    assert 'evenkeel_watch_regression{pool="web",rollout="r1",site="blog"} 1' in told
    assert fleet.did("back") == []
    assert [host for host, _ in fleet.did("note")] == ["web1", "web2"]


def test_a_host_that_fails_keeps_no_other_from_going_back_and_gets_no_visitors(
    tmp_path: Path, prometheus: Prometheus, fleet: Fleet
) -> None:
    fleet.failed = 15
    fleet.answers["web1", "back"] = Silent("web1 does not answer")
    told = rounds(tmp_path, prometheus, fleet)
    assert [host for host, _ in fleet.did("back")] == ["web1", "web2"]
    assert fleet.did("rotate")[-1] == ("edge2", ["web1"])  # held
    assert 'state="revert_failed"' in told
    assert 'state="reverted"' not in told


def test_when_nobody_could_go_back_everybody_gets_visitors_again(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    for host in ("web1", "web2"):
        fleet.answers[host, "back"] = {"outcome": "revert_failed", "message": "answered 500"}
    assert 'state="revert_failed"' in rounds(tmp_path, prometheus, fleet)
    assert fleet.did("rotate")[-1] == ("edge2", ["web1", "web2"])


def test_a_balancer_that_another_rollout_holds_stops_it_before_anything_changed(
    tmp_path: Path, prometheus: Prometheus, fleet: Fleet
) -> None:
    fleet.failed = 15
    fleet.answers["edge2", "rotate"] = Refused("edge2: rollout r2 of anna is under way")
    told = rounds(tmp_path, prometheus, fleet)
    assert fleet.did("back") == []
    assert 'state="regression"' in told
    del fleet.answers["edge2", "rotate"]
    assert 'state="reverted"' in rounds(tmp_path, prometheus, fleet, count=1)


def test_of_two_that_want_the_balancers_one_gets_them_all(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    """Who is refused the first one leaves the others to whoever has it."""
    fleet.failed = 15
    fleet.answers["edge1", "rotate"] = Refused("edge1: rollout watch-mon2-r1 is under way")
    rounds(tmp_path, prometheus, fleet)
    assert fleet.did("rotate") == [("edge1", None)]


def test_nobody_waits_for_another_rollout_for_ever(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    fleet.answers["edge1", "rotate"] = Refused("edge1: rollout r2 of anna is under way")
    rounds(tmp_path, prometheus, fleet, count=40)
    assert 15 < len([host for host, what in fleet.did("rotate") if host == "edge1"]) < 25


@pytest.mark.parametrize(("who", "state"), [("r1", "reverted"), ("r2", "replaced")])
def test_where_somebody_else_took_it_back_the_alert_ends(
    tmp_path: Path, prometheus: Prometheus, fleet: Fleet, who: str, state: str
) -> None:
    """A second monitoring host, or a person who typed what the alert says."""
    fleet.failed = 15
    fleet.answers["edge1", "rotate"] = Refused("edge1: rollout watch-mon2-r1 is under way")
    assert 'state="regression"' in rounds(tmp_path, prometheus, fleet)
    prometheus.outcome, prometheus.rollouts = "reverted", {"web1": who, "web2": who}
    assert f'rollout="r1",state="{state}"' in rounds(tmp_path, prometheus, fleet, count=1)
    assert "evenkeel_watch_regression{" not in rounds(tmp_path, prometheus, fleet, count=12)
    assert fleet.did("back") == []


def test_each_monitoring_host_takes_hold_in_its_own_name(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    claims: set[str] = set()
    usual = fleet.ask

    def ask(host: str, question: Any, timeout_s: float = 30, payload: bytes = b"") -> dict[str, Any]:
        claims.update({question["rollout"]} if question["ask"] == "rotate" else ())
        return usual(host, question, timeout_s, payload)

    fleet.ask = ask  # type: ignore[method-assign]
    rounds(tmp_path, prometheus, fleet)
    assert claims == {"watch-mon1-r1"}


def test_a_dead_balancer_does_not_keep_hosts_from_going_back(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    fleet.answers["edge2", "rotate"] = Silent("edge2 does not answer")
    assert 'state="reverted"' in rounds(tmp_path, prometheus, fleet)


def test_a_round_that_was_killed_while_hosts_went_back_is_gone_on_with(
    tmp_path: Path, prometheus: Prometheus, fleet: Fleet
) -> None:
    fleet.failed = 15
    fleet.answers["web2", "back"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        _interrupted(tmp_path, prometheus, fleet)
    del fleet.answers["web2", "back"]
    assert 'state="reverted"' in rounds(tmp_path, prometheus, fleet, count=1)


def _interrupted(folder: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    usual = fleet.ask

    def ask(host: str, question: Any, timeout_s: float = 30, payload: bytes = b"") -> dict[str, Any]:
        if (host, question["ask"]) == ("web2", "back"):
            raise KeyboardInterrupt
        return usual(host, question, timeout_s, payload)

    fleet.ask = ask  # type: ignore[method-assign]
    try:
        rounds(folder, prometheus, fleet)
    finally:
        fleet.ask = usual  # type: ignore[method-assign]


def test_a_host_that_cannot_be_looked_at_must_go_back_all_the_same(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    fleet.answers["web2", "look"] = fleet.answers["web2", "back"] = Silent("web2 does not answer")
    assert 'state="revert_failed"' in rounds(tmp_path, prometheus, fleet)
    assert fleet.did("rotate")[-1] == ("edge2", ["web2"])


def test_a_host_that_prometheus_missed_goes_back_with_the_others(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    del prometheus.published["web2"]
    rounds(tmp_path, prometheus, fleet)
    assert [host for host, _ in fleet.did("back")] == ["web1", "web2"]


def test_a_host_that_was_away_is_sent_after_the_others(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    fleet.failed = 15
    del prometheus.published["web2"]
    fleet.answers["web2", "look"] = Silent("web2 does not answer")
    rounds(tmp_path, prometheus, fleet)
    assert [host for host, _ in fleet.did("back")] == ["web1"]
    del fleet.answers["web2", "look"]
    prometheus.published["web2"] = CONFIRMED
    assert 'state="reverted"' in rounds(tmp_path, prometheus, fleet, count=1)
    assert [host for host, _ in fleet.did("back")] == ["web1", "web2"]


def test_what_a_host_had_long_before_is_not_watched(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    del prometheus.published["web2"]
    fleet.answers["web2", "look"] = {**fleet._usual("look"), "rollout": "r0"}
    assert "r0" not in rounds(tmp_path, prometheus, fleet)


def test_after_the_bake_time_nobody_is_asked(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    prometheus.published = {"web1": NOW - 1801}
    rounds(tmp_path, prometheus, fleet, count=1)
    assert fleet.asked == []


def test_a_host_of_nobodys_inventory_is_not_asked(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    prometheus.published = {"stranger": CONFIRMED}
    rounds(tmp_path, prometheus, fleet, count=1)
    assert fleet.asked == []


def test_memory_that_is_torn_is_begun_anew(tmp_path: Path, prometheus: Prometheus, fleet: Fleet) -> None:
    (tmp_path / "cases.json").write_text("{torn")
    assert 'state="watching"' in rounds(tmp_path, prometheus, fleet, count=1)
    assert json.loads((tmp_path / "cases.json").read_text())["cases"]["r1"]["state"] == "watching"


def test_prometheus_speaks_vectors_and_what_is_no_number_is_left_out() -> None:
    series = [{"metric": {"site": "a"}, "value": [1, "1"]}, {"metric": {"site": "b"}, "value": [1, "NaN"]}]
    document = {"status": "success", "data": {"resultType": "vector", "result": series}}
    assert samples(document) == [Sample({"site": "a"}, 1.0)]
    with pytest.raises(ValueError, match="no vector"):
        samples({"status": "error", "data": {"resultType": "vector"}})


@pytest.mark.parametrize(("said", "error"), [(b"", Silent), (b"[1]", Silent), (b'{"error": "no"}', Refused)])
def test_what_a_host_says_is_an_answer_or_an_error(said: bytes, error: type[WatchError]) -> None:
    with pytest.raises(error):
        answered("web1", said, b"Permission denied (publickey).")
