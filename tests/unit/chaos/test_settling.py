"""Which hosts may need the next push, and which must come to one release by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.dice import roll
from chaos.look import Look
from chaos.rounds import Player
from tests.unit.chaos.looks import absent, edge, look, web
from tests.unit.drill.builders import OLD


class Ended:
    def __init__(self, code: int) -> None:
        self.returncode = code

    def wait(self) -> int:
        return self.returncode


class Fleet:
    """Two hosts whose releases differ, or of which one is kept out, until a push has come to its end, if that helps."""

    def __init__(self, differ: bool = True, out: bool = False, code: int = 0) -> None:
        self.differ, self.out, self.code, self.pushes = differ, out, code, 0

    def settled(self, limit_s: float) -> Look:
        kept = edge(holds=True, web1=not self.out, absent=absent() if self.out else {})
        return look(web2=web("new" if self.differ else OLD), edge1=kept)

    def play(self, playbook: str, *more: str) -> Ended:
        assert playbook == "push.yml"
        self.pushes += 1
        self.differ = self.differ and self.code != 0
        self.out = self.out and self.code != 0
        return Ended(self.code)


def settle(fleet: Fleet, fault: str, tmp_path):
    return Player(fleet, tmp_path, rate=1.0, patience=1.0)._settle(replace(roll(1, 1), fault=fault))


@pytest.mark.parametrize("fault", ["web_killed", "network_cut", "every_web_killed"])
def test_a_host_that_was_struck_may_need_the_next_push(fault, tmp_path):
    fleet = Fleet()
    ended, healed = settle(fleet, fault, tmp_path)
    assert healed is True and fleet.pushes == 1
    assert ended.well


def test_a_host_that_stays_out_of_rotation_until_the_next_push_gets_one(tmp_path):
    fleet = Fleet(differ=False, out=True)
    assert settle(fleet, "web_killed", tmp_path)[1] is True


@pytest.mark.parametrize("fault", ["controller_killed", "balancer_killed", "both_masters"])
@pytest.mark.parametrize("fleet", [Fleet(), Fleet(differ=False, out=True)])
def test_other_faults_excuse_nothing(fault, fleet, tmp_path):
    ended, healed = settle(fleet, fault, tmp_path)
    assert healed is False and fleet.pushes == 0
    assert not ended.well


def test_a_push_that_does_not_help_is_told(tmp_path):
    fleet = Fleet(code=2)
    assert settle(fleet, "web_hung", tmp_path)[1] is None
    assert fleet.pushes == 1


def test_hosts_that_agree_are_left_alone(tmp_path):
    fleet = Fleet(differ=False)
    assert settle(fleet, "web_killed", tmp_path)[1] is False
    assert fleet.pushes == 0
