"""Which hosts may need the next push, and which must come to one release by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.dice import roll
from chaos.rounds import Player


class Ended:
    def __init__(self, code: int) -> None:
        self._code = code

    def wait(self, timeout: float) -> int:
        return self._code


class Fleet:
    """Two hosts whose releases differ until a push has come to its end, if that helps."""

    def __init__(self, differ: bool = True, well: bool = True, code: int = 0) -> None:
        self.differ, self.is_well, self.code, self.pushes = differ, well, code, 0

    def settled(self, limit_s: float):
        return {"x-web1": {"current": "old"}, "x-web2": {"current": "new" if self.differ else "old"}}

    def well(self, limit_s: float) -> bool:
        return self.is_well

    def play(self, playbook: str, *more: str) -> Ended:
        assert playbook == "push.yml"
        self.pushes += 1
        self.differ = self.differ and self.code != 0
        return Ended(self.code)


def settle(fleet: Fleet, fault: str, tmp_path):
    return Player(fleet, tmp_path, rate=1.0, patience=1.0)._settle(replace(roll(1, 1), fault=fault))


@pytest.mark.parametrize("fault", ["web_killed", "network_cut", "every_web_killed"])
def test_a_host_that_was_struck_may_need_the_next_push(fault, tmp_path):
    fleet = Fleet()
    found, healed = settle(fleet, fault, tmp_path)
    assert healed is True and fleet.pushes == 1
    assert found["x-web2"]["current"] == "old"


def test_a_host_that_stays_out_of_rotation_until_the_next_push_gets_one(tmp_path):
    fleet = Fleet(differ=False, well=False)
    assert settle(fleet, "web_killed", tmp_path)[1] is True


@pytest.mark.parametrize("fault", ["controller_killed", "balancer_killed", "both_masters"])
def test_other_faults_excuse_no_second_release(fault, tmp_path):
    fleet = Fleet()
    found, healed = settle(fleet, fault, tmp_path)
    assert healed is False and fleet.pushes == 0
    assert found["x-web2"]["current"] == "new"


def test_a_push_that_does_not_help_is_told(tmp_path):
    fleet = Fleet(code=2)
    assert settle(fleet, "web_hung", tmp_path)[1] is None
    assert fleet.pushes == 2


def test_hosts_that_agree_are_left_alone(tmp_path):
    fleet = Fleet(differ=False)
    assert settle(fleet, "web_killed", tmp_path)[1] is False
    assert fleet.pushes == 0
