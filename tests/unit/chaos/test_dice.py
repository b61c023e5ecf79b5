"""A round can be played again: seed and number decide it."""

from __future__ import annotations

from chaos.dice import STRIKES, roll
from chaos.doomed import main as doomed
from chaos.truth_copy import Truth
from tests.layout.project import load


def test_the_same_seed_and_number_are_the_same_round():
    assert roll(7, 42) == roll(7, 42)
    assert roll(7, 42) != roll(8, 42) and roll(7, 42) != roll(7, 43)


def test_every_fault_has_its_turn():
    assert {roll(7, number).fault for number in range(len(STRIKES))} == set(STRIKES)


def test_most_pushes_are_good_and_some_are_not():
    good = sum(roll(7, number).good for number in range(200))
    assert 120 < good < 180


def test_two_rounds_never_push_the_same_release(tmp_path):
    truth, seen = Truth(tmp_path / "chaos"), set()
    for number in range(20):
        truth.change(roll(7, number))
        seen.add("".join(path.read_text() for path in sorted(truth.folder.glob("sites/*/site.yml"))))
    assert len(seen) == 20


def test_a_bad_change_is_put_back(tmp_path):
    truth = Truth(tmp_path / "chaos")
    before = load(truth.folder / "sites/alpha/site.yml")
    for number in range(40):
        one = roll(7, number)
        truth.change(one)
        truth.put_back(one.site)
    assert load(truth.folder / "sites/alpha/site.yml") == before


def test_a_doomed_program_dies_in_time_and_a_quick_one_lives(tmp_path):
    assert doomed(["0.3", "sleep", "60"]) == 137
    assert doomed(["60", "sh", "-c", "exit 3"]) == 3
    assert doomed(["60"]) == 2
