"""Whether a confirmed rollout broke what it touched. Pure: what was seen before and after in, a verdict out.

The sites that it did not touch are the control group: what befalls them as well is not the rollout's doing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

ERRORS = 3  # fewer say nothing, however few visitors a site has: one unlucky visitor is no regression
TIMES = 2.0
MORE = 0.02  # of all requests
WELL = 0.9  # of the visits by monitoring before the rollout; a site that answered fewer was broken already
VISITS = 2  # by monitoring since, that all failed
ELSEWHERE = 0.5  # of the touched sites' share: the control group is as badly off
SHOWN = 5


class Tally(NamedTuple):
    """Requests of visitors, and how many of them failed."""

    asked: int = 0
    failed: int = 0

    @property
    def ratio(self) -> float:
        return self.failed / self.asked if self.asked else 0.0


class Probes(NamedTuple):
    """Visits by monitoring, and the share of them that went well; 1 where there was none."""

    visits: int = 0
    well: float = 1.0


NOBODY, UNSEEN = Tally(), Probes()


@dataclass(frozen=True)
class Seen:
    """One site before the rollout and since its confirm."""

    before: Tally = NOBODY
    after: Tally = NOBODY
    probes_before: Probes = UNSEEN
    probes_after: Probes = UNSEEN


@dataclass(frozen=True)
class Verdict:
    """`broken` are touched sites. With `elsewhere` they are not the rollout's doing; then going back would help nobody."""

    broken: tuple[str, ...]
    elsewhere: bool
    text: str

    @property
    def regression(self) -> bool:
        return bool(self.broken) and not self.elsewhere


def verdict(rollout: str, touched: Collection[str], added: Collection[str], seen: Mapping[str, Seen]) -> Verdict:
    """`added` are sites that came with the rollout: what was not there before cannot have become worse."""
    judged = set(touched) - set(added)
    broken = sorted(site for site in judged if worse(seen.get(site, Seen())))
    control = {site: one for site, one in seen.items() if site not in touched and _known(one)}
    also = sorted(site for site, one in control.items() if worse(one))
    elsewhere = bool(broken and also) and len(also) / len(control) >= ELSEWHERE * len(broken) / len(judged)
    return Verdict(tuple(broken), elsewhere, _text(rollout, broken, seen, len(also) if elsewhere else 0))


def worse(one: Seen) -> bool:
    """Whether a site fails that did not before."""
    if one.probes_before.visits and one.probes_before.well < WELL:
        return False
    return _visitors_fare_worse(one.before, one.after) or _answers_no_more(one)


def _visitors_fare_worse(before: Tally, after: Tally) -> bool:
    return after.failed >= ERRORS and after.ratio > TIMES * before.ratio and after.ratio - before.ratio > MORE


def _answers_no_more(one: Seen) -> bool:
    return bool(one.probes_before.visits) and one.probes_after.visits >= VISITS and one.probes_after.well == 0


def _known(one: Seen) -> bool:
    return one.after.asked > 0 or one.probes_after.visits > 0


def _text(rollout: str, broken: list[str], seen: Mapping[str, Seen], also: int) -> str:
    if not broken:
        return "rollout %s: what it touched answers as before" % rollout
    shown = "; ".join(_line(site, seen[site]) for site in broken[:SHOWN])
    more = " and %d more" % (len(broken) - SHOWN) if len(broken) > SHOWN else ""
    cause = "; %d sites that it did not touch fail as well, so it is not the rollout's doing" % also if also else ""
    return "rollout %s broke %s%s after it was confirmed%s" % (rollout, shown, more, cause)


def _line(site: str, one: Seen) -> str:
    if _visitors_fare_worse(one.before, one.after):
        return "%s (%d of %d requests failed, %d of %d before)" % (
            site,
            one.after.failed,
            one.after.asked,
            one.before.failed,
            one.before.asked,
        )
    return "%s (%d visits of monitoring in a row failed)" % (site, one.probes_after.visits)
