"""A part of the measurement: something done over and over while visitors come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from demo.evening import Evening


@dataclass(frozen=True)
class Round:
    """One time. `outcome` is what it came to, `wrong` whatever is not as it should be although the outcome may be."""

    outcome: str
    seconds: float
    message: str = ""
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """`play` does it as often as it is told, and says of each time how it went; every outcome should be `expected`."""

    name: str
    story: str
    expected: str
    rounds: int
    play: Callable[[Evening, int], Iterator[Round]]

    def surprises(self, rounds: list[Round]) -> list[str]:
        """What was not as it should be; empty when all was."""
        numbered = list(enumerate(rounds, 1))
        other = [(number, one.outcome) for number, one in numbered if one.outcome != self.expected]
        wrong = [f"round {number}: {outcome} instead of {self.expected}" for number, outcome in other]
        return wrong + [f"round {number}: {why}" for number, one in numbered for why in one.wrong]
