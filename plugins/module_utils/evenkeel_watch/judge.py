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
ENOUGH = 10  # requests by which a host tells how a site fares there
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
    """One site before the rollout and since its confirm.

    `failed` of `after` counts pages that the release before answered well; `hosts` is `after` by host, `edited` whether
    somebody changed the site's own program since the confirm.
    """

    before: Tally = NOBODY
    after: Tally = NOBODY
    probes_before: Probes = UNSEEN
    probes_after: Probes = UNSEEN
    hosts: tuple[Tally, ...] = ()
    edited: bool = False


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
    excuse = _excuse(broken, {site: seen[site] for site in judged if site in seen}, _control(touched, seen)) if broken else ""
    return Verdict(tuple(broken), bool(excuse), _text(rollout, broken, seen, excuse))


def _control(touched: Collection[str], seen: Mapping[str, Seen]) -> list[Seen]:
    return [one for site, one in seen.items() if site not in touched and _known(one)]


def _known(one: Seen) -> bool:
    return one.after.asked > 0 or one.probes_after.visits > 0


def _excuse(broken: Collection[str], judged: Mapping[str, Seen], control: Collection[Seen]) -> str:
    """Why sites fail that did not before, where it is not the rollout's doing; empty where it is."""
    also = sum(worse(one) for one in control)
    if also and also / len(control) >= ELSEWHERE * len(broken) / len(judged):
        return "%d sites that it did not touch fail as well" % also
    if not control and _nobody_arrives(broken, judged):
        return "monitoring reaches none of them, and no host saw a request fail"
    return ""


def _nobody_arrives(broken: Collection[str], judged: Mapping[str, Seen]) -> bool:
    """Whether what fails is the way to the hosts, which without a control group looks like every site at once."""
    visited = [site for site, one in judged.items() if one.probes_after.visits]
    return set(visited) == set(broken) and not any(judged[site].after.failed for site in broken)


def worse(one: Seen) -> bool:
    """Whether a site fails that did not before, on the hosts at large, and nobody has changed its own program."""
    if one.edited or (one.probes_before.visits and one.probes_before.well < WELL):
        return False
    return (_visitors_fare_worse(one.before, one.after) and not _one_host_is_sick(one)) or _answers_no_more(one)


def _visitors_fare_worse(before: Tally, after: Tally) -> bool:
    return after.failed >= ERRORS and _higher(before, after)


def _higher(before: Tally, after: Tally) -> bool:
    return after.ratio > TIMES * before.ratio and after.ratio - before.ratio > MORE


def _one_host_is_sick(one: Seen) -> bool:
    """Whether at least half of the hosts serve the same release well: then it is theirs that do not."""
    told = [tally for tally in one.hosts if tally.asked >= ENOUGH]
    well = [tally for tally in told if not _higher(one.before, tally)]
    return bool(well) and 2 * len(well) >= len(told)


def _answers_no_more(one: Seen) -> bool:
    return bool(one.probes_before.visits) and one.probes_after.visits >= VISITS and one.probes_after.well == 0


def _text(rollout: str, broken: list[str], seen: Mapping[str, Seen], excuse: str) -> str:
    if not broken:
        return "rollout %s: what it touched answers as before" % rollout
    shown = "; ".join(_line(site, seen[site]) for site in broken[:SHOWN])
    more = " and %d more" % (len(broken) - SHOWN) if len(broken) > SHOWN else ""
    if excuse:
        return "after rollout %s failed %s%s; %s, so it is not the rollout's doing" % (rollout, shown, more, excuse)
    return "rollout %s broke %s%s after it was confirmed" % (rollout, shown, more)


def _line(site: str, one: Seen) -> str:
    if _visitors_fare_worse(one.before, one.after):
        return "%s (%d of %d requests failed on pages that were well, %d of %d before)" % (
            site,
            one.after.failed,
            one.after.asked,
            one.before.failed,
            one.before.asked,
        )
    return "%s (%d visits of monitoring in a row failed)" % (site, one.probes_after.visits)
