"""Whether visitors noticed more of a disaster than they may. Pure: visits and strikes in, sentences out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .faults import SLOW_S, Fault
from .visits import Visit, between


@dataclass(frozen=True)
class Strike:
    """A fault as it was: Unix times at which making it began and was complete, and the same of undoing it."""

    fault: Fault
    hosts: tuple[str, ...]
    began: float
    struck: float
    undoing: float
    undone: float
    site: str = ""  # whose application fails

    def excuses(self, visit: Visit, seconds: float, patience: float) -> bool:
        """Whether `visit` met the strike, or its undoing, within the window of `seconds`."""
        if self.fault.own_site_only:
            over = self.undone + self.fault.undo_s * patience
            return visit.site == self.site and self.began <= visit.until and visit.at <= over
        met = self.began <= visit.until and visit.at <= self.struck + seconds * patience
        met_undo = self.undoing <= visit.until and visit.at <= self.undone + self.fault.undo_s * patience
        return bool((seconds and met) or (self.fault.undo_s and met_undo))


def lost(visits: Iterable[Visit], strikes: Sequence[Strike], patience: float = 1.0) -> list[Visit]:
    """Failed requests that no strike excuses. `patience` widens every window, for machines that are busy."""
    return [visit for visit in visits if not visit.good and not any(_may_fail(one, visit, patience) for one in strikes)]


def late(visits: Iterable[Visit], strikes: Sequence[Strike], patience: float = 1.0) -> list[Visit]:
    """Right answers that took long for no reason that a strike gives."""
    slow = [visit for visit in visits if visit.good and visit.took_s > SLOW_S * patience]
    return [visit for visit in slow if not any(one.excuses(visit, one.fault.slow_s, patience) for one in strikes)]


def silence_s(visits: Iterable[Visit], start: float, end: float) -> float:
    """The longest time between `start` and `end` in which nobody got a right answer."""
    ends = sorted(visit.until for visit in visits if visit.good and start <= visit.until <= end)
    return max(after - before for before, after in itertools.pairwise([start, *ends, end]))


def sharpened(strike: Strike, visits: Iterable[Visit]) -> Strike:
    """The strike as visitors felt it: a command that cuts a host's power ends later than the power.

    Where several hosts are struck, the last one counts, and nobody but the commands knows when that was.
    """
    felt = [visit.at for visit in visits if noticed(visit) and strike.began <= visit.at <= strike.struck]
    return replace(strike, struck=min(felt)) if felt and len(strike.hosts) == 1 else strike


def noticed(visit: Visit) -> bool:
    return not visit.good or visit.took_s > SLOW_S


def breaches(visits: Sequence[Visit], strike: Strike, patience: float = 1.0) -> list[str]:
    """Everything visitors noticed between the strike and its end that they may not, one sentence each."""
    return list(_breaches(between(visits, strike.began, ending(strike)), sharpened(strike, visits), patience))


def ending(strike: Strike) -> float:
    """When the last consequences may have been felt."""
    return strike.undone + max(strike.fault.undo_s, 1.0)


def _breaches(seen: Sequence[Visit], strike: Strike, patience: float) -> Iterator[str]:
    if not seen:
        yield "nobody asked for anything, so that nothing was rehearsed"
        return
    for what, found in (("failed", lost(seen, [strike], patience)), ("had to wait", late(seen, [strike], patience))):
        if found:
            yield "%d requests %s that may not; the first: %s" % (len(found), what, found[0].line())
    longest = silence_s(seen, strike.began, ending(strike))
    if longest > strike.fault.silence_s * patience and not strike.fault.own_site_only:
        yield "nobody got an answer for %.1f s; at most %.1f s are allowed" % (longest, strike.fault.silence_s * patience)


def _may_fail(strike: Strike, visit: Visit, patience: float) -> bool:
    return strike.excuses(visit, strike.fault.get_s if visit.method == "GET" else strike.fault.post_s, patience)
