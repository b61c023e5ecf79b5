"""What the hosts of a rollout and Prometheus say of it, put together. Pure but for the two that are asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .judge import Probes, Seen, Tally
from .prometheus import Sample

BEFORE_S, AFTER_S = 900, 150  # of monitoring's visits before the rollout and since, at most
_LAST = "evenkeel_rollout_info * on (host) group_left () evenkeel_rollout_timestamp_seconds"
PUBLISHED, REVERTED = "published", "reverted"


class Asked(Protocol):
    """Prometheus."""

    def query(self, expression: str, at: float) -> list[Sample]: ...


@dataclass(frozen=True)
class Look:
    """What one host told of the rollout that it confirmed last; `since` when it had the release before.

    Times are seconds since 1970.
    """

    host: str
    rollout: str
    tier: str
    since: float
    begun: float
    confirmed: float
    touched: frozenset[str]
    added: frozenset[str]
    before: Mapping[str, Tally]
    after: Mapping[str, Tally]
    edited: frozenset[str]


@dataclass(frozen=True)
class Last:
    """The rollout that changed a host last, what came of it there, and when (seconds since 1970)."""

    rollout: str
    outcome: str
    at: float


def last(asked: Asked, now: float) -> dict[str, Last]:
    """By host, as Prometheus knows it, which is some seconds late."""
    found = asked.query(_LAST, now)
    return {
        one.labels["host"]: Last(one.labels.get("rollout", ""), one.labels.get("outcome", ""), one.value)
        for one in found
        if "host" in one.labels
    }


def recent(lasts: Mapping[str, Last], now: float, bake_s: float) -> dict[str, str]:
    """By host, the rollout that was published there within the bake time."""
    return {host: one.rollout for host, one in lasts.items() if one.outcome == PUBLISHED and one.at > now - bake_s}


def parsed(host: str, answer: Mapping[str, Any]) -> Look | None:
    """None where the host has nothing to watch. KeyError, TypeError or ValueError for what no engine says."""
    if not answer["rollout"]:
        return None
    return Look(
        host, str(answer["rollout"]), str(answer["tier"]),
        float(answer.get("since", 0)), float(answer["begun"]), float(answer["confirmed"]),
        frozenset(answer["touched"]), frozenset(answer["added"]),
        _tallies(answer["before"]), _tallies(answer["after"]), frozenset(answer.get("edited", ())),
    )  # fmt: skip


def _tallies(raw: Mapping[str, Any]) -> dict[str, Tally]:
    return {str(site): Tally(int(asked), int(failed)) for site, (asked, failed) in raw.items()}


def together(looks: Iterable[Look], probes: Mapping[str, tuple[Probes, Probes]]) -> dict[str, Seen]:
    """Every site that anybody saw anything of, over all hosts."""
    looks = list(looks)
    before, after = _sum(look.before for look in looks), _sum(look.after for look in looks)
    edited = frozenset[str]().union(*(look.edited for look in looks))
    found = {}
    for site in {*before, *after, *probes}:
        hosts = tuple(look.after[site] for look in looks if site in look.after)
        visits = probes.get(site, (Probes(), Probes()))
        found[site] = Seen(before.get(site, Tally()), after.get(site, Tally()), *visits, hosts, site in edited)
    return found


def _sum(counts: Iterable[Mapping[str, Tally]]) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for one in counts:
        for site, tally in one.items():
            known = found.get(site, Tally())
            found[site] = Tally(known.asked + tally.asked, known.failed + tally.failed)
    return found


def probes(asked: Asked, looks: Collection[Look], now: float) -> dict[str, tuple[Probes, Probes]]:
    """By site, monitoring's visits before the rollout began, and the last ones since its confirm."""
    begun, confirmed = min(one.begun for one in looks), max(one.confirmed for one in looks)
    # no longer ago than the release before was there: what another one broke is not to excuse this one
    before = _visits(asked, _window(begun - max(one.since for one in looks), BEFORE_S), begun)
    after = _visits(asked, _window(now - confirmed, AFTER_S), now)
    return {site: (before.get(site, Probes()), after.get(site, Probes())) for site in set(before) | set(after)}


def _window(seconds: float, most: int) -> int:
    return max(1, int(min(seconds, most)))


def _visits(asked: Asked, window_s: int, at: float) -> dict[str, Probes]:
    """Over two monitoring hosts, the one that saw more of the site."""
    count = asked.query('max by (site) (count_over_time(probe_success{job="site"}[%ds]))' % window_s, at)
    well = asked.query('max by (site) (avg_over_time(probe_success{job="site"}[%ds]))' % window_s, at)
    share = {one.labels.get("site", ""): one.value for one in well}
    return {site: Probes(int(one.value), share.get(site, 1.0)) for one in count if (site := one.labels.get("site", ""))}
