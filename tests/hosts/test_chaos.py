"""Ten disasters at random moments of ten pushes, and a drill: no visitor gets what nobody may get."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import bed
from chaos.dice import roll
from chaos.fleet import EDGE, HOSTS, WEB, Fleet
from chaos.rounds import Played, Player
from chaos.truth_copy import Truth
from plugins.module_utils.evenkeel_drill.orders import Aim, orders, strike
from tests.hosts.fleet import wait_until

pytestmark = pytest.mark.hosts
SEED, ROUNDS = 2026, 10
REHEARSED = ("tenant_failing", "bad_push")  # what chaos does not do by itself


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder: Path = tmp_path_factory.mktemp("chaos")
    found = Fleet(Truth(folder / "truth" / "chaos-test"), folder)
    try:
        found.up()
        yield found
    finally:
        if not os.environ.get("EVENKEEL_KEEP"):
            bed.down(HOSTS)


@pytest.fixture(scope="module")
def rounds(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    player = Player(fleet, tmp_path_factory.mktemp("rounds"), rate=45.0, patience=2.0)
    return [player.play(roll(SEED, number)) for number in range(ROUNDS)]


def test_ten_rounds_are_clean(rounds: list[Played]) -> None:
    assert {one.round.describe(): one.violations for one in rounds if one.violations} == {}


def test_visitors_were_there_and_pushes_got_through(rounds: list[Played]) -> None:
    assert min(one.requests for one in rounds) > 100
    assert any(one.exit_code == 0 for one in rounds)


def test_a_drill_reports_what_visitors_saw(fleet: Fleet, rounds: list[Played]) -> None:
    fleet.must_play("drill.yml", "-e", "drill=%s" % ",".join(REHEARSED), "-e", "drill_patience=2")
    folder = max((bed.CHECKOUT / "build" / "chaos-test" / "drills").iterdir())
    report = json.loads((folder / "report.json").read_text())
    assert [one["fault"] for one in report["faults"]] == list(REHEARSED)
    assert all(one["asked"] > 100 and one["wrong"] == [] and one["lost_gets"] == 0 for one in report["faults"])
    assert "tenant" in (folder / "report.md").read_text()


@pytest.mark.parametrize("fault", ["network_cut", "disk_full", "tenant_failing"])
def test_a_fault_that_nobody_undoes_undoes_itself(fleet: Fleet, rounds: list[Played], fault: str) -> None:
    aim = Aim(addresses=fleet.addresses(EDGE), page="/srv/www/beta/public/index.php")
    fleet.run(WEB[0], strike(orders(fault, aim), undo_after_s=1))
    assert wait_until(lambda: traces(WEB[0]) == "", 30), traces(WEB[0])
    assert fleet.settled(30).well


def traces(host: str) -> str:
    """What is left of a fault: its timer, its routes, its mounts."""
    timer = "systemctl list-units --all --plain --no-legend 'evenkeel-drill.*'"
    mounts = "findmnt --noheadings --raw --output TARGET | grep -E 'evenkeel-drill|^/var/lib/evenkeel(/|$)|^/srv/' || true"
    return bed.on(host, f"{timer}; ip route show type blackhole; {mounts}").strip()


def test_an_environment_that_allows_no_drill_is_left_alone(fleet: Fleet, rounds: list[Played]) -> None:
    before = fleet.look().webs
    with pytest.raises(bed.BenchFailed, match="allows no drill, so nothing was touched"):
        fleet.must_play("drill.yml", "-e", "evenkeel_drill_allowed=false")
    assert {host: status["journal"] for host, status in fleet.look().webs.items()} == {
        host: status["journal"] for host, status in before.items()
    }
