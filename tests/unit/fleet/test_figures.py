"""What `make fleet` says of itself: it must not be good by looking away."""

from __future__ import annotations

import json
import os

import pytest

from demo.client import Visit
from fleet import cli
from fleet.figures import figures, table, whole
from fleet.machine import Effort, Meter
from fleet.part import Part, Round
from fleet.parts import PARTS

PART = Part("reloads", "Balancers reload.", "reloaded", 2, lambda evening, rounds: iter(()))
ROUNDS = [Round("reloaded", 0.5, "one"), Round("reloaded", 0.7, "two")]
EFFORT = Effort(cores=2, busy=0.8, load=3.0, client_cores=0.3)


def visits(number: int, *outcomes: str) -> list[Visit]:
    """`number` good answers in ten seconds, and these others among them."""
    good = [Visit(100 + 10 * at / number, "edge", "shop", "GET", "/", 200, "ok", 5.0, True) for at in range(number)]
    bad = [Visit(105.0, "edge", "blog", "POST", "/", 0, outcome, 5.0, False) for outcome in outcomes]
    return good + bad


def measured(rounds: list[Round], seen: list[Visit]) -> dict:
    return figures(PART, rounds, seen, EFFORT, least=1000, rate=100)


def test_enough_requests_fast_enough_and_none_failed_is_good():
    part = measured(ROUNDS, visits(1500))
    assert part["good"]
    assert (part["requests"], part["failed_requests"], part["outcome"]) == (1500, 0, "2 reloaded")
    assert part["requests_per_second"] > 100


def test_one_failed_request_is_not_good():
    part = measured(ROUNDS, visits(1500, "reset"))
    assert not part["good"]
    assert part["classes"] == {"reset": 1}


def test_too_few_or_too_slow_is_not_good():
    part = measured(ROUNDS, visits(900))
    assert not part["good"]
    assert part["unexpected"] == ["900 requests are less than 1000", "90 requests a second are less than 100"]


def test_a_round_that_went_otherwise_is_named():
    other = [*ROUNDS, Round("not reloaded: edge2", 0.1, wrong=("edge2 is gone",))]
    assert measured(other, visits(1500))["unexpected"] == [
        "round 3: not reloaded: edge2 instead of reloaded",
        "round 3: edge2 is gone",
    ]


def test_no_visitors_prove_nothing():
    assert not measured(ROUNDS, [])["good"]
    assert not whole([])["good"]


def test_the_whole_adds_up_and_is_as_good_as_its_worst_part():
    result = whole([measured(ROUNDS, visits(1500)), measured(ROUNDS, visits(2000, "reset", "resent"))])
    assert (result["requests"], result["failed"], result["resent"], result["good"]) == (3501, 1, 1, False)
    assert "reloads  2 reloaded  1500" in table(result)


def test_a_part_is_kept_as_soon_as_it_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "BUILD", tmp_path)
    for part in PARTS[:2]:
        (tmp_path / part.name).mkdir()
        cli.keep(part, {**measured(ROUNDS, visits(1500)), "name": part.name})
    result = json.loads((tmp_path / "result.json").read_text())
    assert [one["name"] for one in result["scenarios"]] == [part.name for part in PARTS[:2]]


def test_an_unknown_part_is_refused_with_those_there_are(capsys):
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["--only", "rollouts,rollbacks"])
    assert "there is no rollbacks; there are rollouts, reloads" in capsys.readouterr().err


def test_a_busy_process_is_seen():
    meter = Meter(os.getpid())
    sum(number * number for number in range(2_000_000))
    assert meter.read().client_cores > 0
