"""What a run comes to, in one line."""

from __future__ import annotations

from chaos.__main__ import summary
from chaos.checker import Violation
from chaos.dice import roll
from chaos.rounds import Played


def played(code: int = 0, healed: bool = False, failed: int = 0, violations=()) -> Played:
    return Played(roll(1, 1), ("x-web1",), code, healed, requests=100, failed=failed, seconds=9.0, violations=violations)


def test_only_clean_rounds_are_counted():
    bad = played(failed=7, violations=(Violation("lost", "7 requests failed"),))
    said = summary([played(), played(code=2, healed=True, failed=3), bad])
    assert said.startswith("2 of 3 rounds were clean; in those, 200 requests, 3 lost")
    assert "1 pushes that got through, 1 healed" in said
