"""A scenario: what the user is told before, how it is played, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import show
from .client import Outage
from .evening import Evening
from .result import ADDED, PUBLISHED, Scenario


@dataclass(frozen=True)
class Ending:
    """How a scenario ended; `doubts` say what is not right although the outcome may be. `incident` is the report's path."""

    outcome: str
    message: str
    doubts: tuple[str, ...] = ()
    outages: tuple[Outage, ...] = ()
    incident: str = ""


@dataclass(frozen=True)
class Plot:
    """What the user is told before, and what should come of it."""

    name: str
    story: str
    expected: str
    play: Callable[[Evening], Ending]


def play(evening: Evening, number: int, plot: Plot) -> Scenario:
    """Play it in front of the user; the truth is as it was afterwards, unless the change is a good one."""
    show.title(f"{number}. {plot.name}")
    show.say("story", plot.story)
    assert evening.stream is not None
    start = evening.stream.mark(plot.name)
    ending = plot.play(evening)
    end = evening.stream.mark("end of " + plot.name)
    settle = evening.truth.keep if ending.outcome in (PUBLISHED, ADDED) else evening.truth.put_back
    settle()
    show.say("outcome", f"{ending.outcome}, after {end - start:.1f} s")
    for doubt in ending.doubts:
        show.say("but", doubt)
    said = (ending.outcome, ending.message, start, end, ending.doubts, ending.outages, ending.incident)
    return Scenario(plot.name, plot.expected, *said)
