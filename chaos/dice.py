"""What happens in a round: decided by seed and number alone, so that a round can be played again."""

from __future__ import annotations

import random
from dataclasses import dataclass

from plugins.module_utils.evenkeel_drill.faults import FAULTS

# `bad_push` and `tenant_failing` are in every round's dice by themselves: some pushes are wrong, and no tenant is special.
STRIKES = tuple(fault.name for fault in FAULTS if fault.name not in ("bad_push", "tenant_failing"))
SITES = ("alpha", "beta", "gamma")
GOOD_CHANGES, BAD_CHANGES = ("header", "limits"), ("no_index", "probe")


@dataclass(frozen=True)
class Round:
    """`change` is made to `site` and pushed; at `moment` of the push, from 0 to 1 and a little more, `fault` strikes.

    It lasts `lasts_s` seconds. A push takes longer on a busy machine, so that the moment is a share of what pushes took.
    """

    seed: int
    number: int
    change: str
    site: str
    fault: str
    host: int  # which of the hosts that the fault can strike, counted from 0 and around
    moment: float
    lasts_s: float

    @property
    def good(self) -> bool:
        return self.change in GOOD_CHANGES

    def describe(self) -> str:
        kind = "good" if self.good else "bad"
        return f"{self.fault} at {self.moment:.2f} of a {kind} push ({self.change} of {self.site}), for {self.lasts_s:.1f} s"


def roll(seed: int, number: int) -> Round:
    """Later rounds do not depend on earlier ones; faults take turns in an order of the seed's own."""
    turn, place = divmod(number, len(STRIKES))
    order = random.Random(f"{seed} order {turn}").sample(STRIKES, len(STRIKES))
    dice = random.Random(f"{seed} {number}")
    return Round(
        seed,
        number,
        change=dice.choice(GOOD_CHANGES * 3 + BAD_CHANGES),
        site=dice.choice(SITES),
        fault=order[place],
        host=dice.randrange(12),
        moment=round(dice.uniform(0.0, 1.1), 2),
        lasts_s=round(dice.uniform(1.0, 5.0), 2),
    )
