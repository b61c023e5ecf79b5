"""The arithmetic of being up. Pure. What nobody looked at is unknown: neither up nor down.

Days are UTC's, because a day that a clock change makes longer would say something else each year.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

DAY_S = 86400
LONGEST_SPAN_S = 3600
CATCH_UP_S = DAY_S  # a page that was not made for longer leaves the rest unknown

WELL, SOME, DOWN, UNKNOWN = "well", "some", "down", "unknown"
_WELL, _SOME = 0.999, 0.99


@dataclass(frozen=True)
class Share:
    """Seconds of which it is known that a site answered, and that it did not."""

    up: float = 0.0
    down: float = 0.0

    @property
    def known(self) -> float:
        return self.up + self.down

    @property
    def ratio(self) -> Optional[float]:
        """Of what is known; None where nothing is."""
        return self.up / self.known if self.known else None

    def __add__(self, other: Share) -> Share:
        return Share(self.up + other.up, self.down + other.down)


def seen(window_s: float, visits: float, well: float, interval_s: float) -> Share:
    """What `visits` within a window tell, the share `well` of which went well: each speaks for the time until the next one."""
    known = min(window_s, visits * interval_s)
    return Share(known * well, known * (1 - well))


def spans(last: float, now: float) -> Iterator[tuple[float, float]]:
    """From `last` until `now`: pieces that lie within one day and are short enough to be asked for at once."""
    start = max(last, now - CATCH_UP_S)
    while start < now:
        midnight = (start // DAY_S + 1) * DAY_S
        end = min(now, midnight, start + LONGEST_SPAN_S)
        yield start, end
        start = end


def total(shares: Iterable[Share]) -> Share:
    return sum(shares, Share())


def of_pool(day: Mapping[str, Share], sites: Iterable[str]) -> Share:
    """All sites of a pool taken together; each counts as much as it was looked at."""
    return total(day[site] for site in sites if site in day)


def percent(ratio: Optional[float]) -> str:
    """With two digits, never rounded up: a minute of failure is not 100 %."""
    if ratio is None:
        return "no data"
    hundredths = int(ratio * 10000 + 1e-9)
    return "100 %" if hundredths == 10000 else "%d.%02d %%" % divmod(hundredths, 100)


def grade(ratio: Optional[float]) -> str:
    """How a day looks."""
    if ratio is None:
        return UNKNOWN
    return WELL if ratio >= _WELL else SOME if ratio >= _SOME else DOWN


def now_of_pool(answers: Mapping[str, bool], sites: Iterable[str]) -> str:
    """How a pool is, by the last visit to each of its sites. A tenant's own trouble is not the pool's."""
    wanted = list(sites)
    known = [answers[site] for site in wanted if site in answers]
    failing = known.count(False)
    if not known or len(known) * 2 < len(wanted):
        return UNKNOWN
    if failing * 2 >= len(known):
        return DOWN
    return SOME if failing >= max(2, len(known) * 0.05) else WELL


def now_of_site(answers: Mapping[str, bool], site: str) -> str:
    if site not in answers:
        return UNKNOWN
    return WELL if answers[site] else DOWN
