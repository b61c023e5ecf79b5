"""Pages that a candidate answers much later than the live release: right, and yet wrong."""

from __future__ import annotations

from collections.abc import Sequence

from .probe import Answer, Probe
from .prober import Prober
from .verdict import Failure

GUARD = "slow"
SLOW_S = 1.5  # nobody calls less than this an outage
_TIMES = 6  # so much slower than live; a busy host slows both, and the twin more
_AGAIN = 2  # a first answer may have waited for processes to start
_ASKED = 10
_REPEATABLE = ("GET", "HEAD")


def slower(asked: Sequence[tuple[Probe, Answer]], twin: Prober, now: Prober, release: str) -> list[Failure]:
    """A failure for each page that is slow whenever it is asked, and fast on live. Fast pages cost nothing here."""
    late = [(probe, answer.seconds) for probe, answer in asked if _is_late(probe, answer)][:_ASKED]
    before = zip(late, now.ask([probe for probe, _ in late]))
    both = [(probe, seconds, live.seconds) for (probe, seconds), live in before if live.error is None]
    found = [each for each in both if _is_worse(each[1], each[2])]
    for _ in range(_AGAIN):
        again = [answer.seconds for answer in twin.ask([probe for probe, _, _ in found])]
        best = [(probe, min(seconds, now_s), live) for (probe, seconds, live), now_s in zip(found, again)]
        found = [each for each in best if _is_worse(each[1], each[2])]
    return [_failure(probe, seconds, live, release) for probe, seconds, live in found]


def _is_worse(seconds: float, live: float) -> bool:
    return seconds > max(SLOW_S, _TIMES * live)


def _is_late(probe: Probe, answer: Answer) -> bool:
    return answer.error is None and answer.seconds > SLOW_S and probe.method in _REPEATABLE


def _failure(probe: Probe, seconds: float, before: float, release: str) -> Failure:
    expected = "about %.1f s as release %s needs" % (before, release)
    return Failure(probe.site, GUARD, "answered after %.1f s" % seconds, expected, probe.name, probe.host + probe.path)
