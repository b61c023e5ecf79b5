"""What the pages say, before they are pages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from . import uptime
from .history import History, dates
from .incidents import Incident
from .page_config import PageConfig
from .uptime import DOWN, SOME, UNKNOWN, WELL, Share

WORDS = {WELL: "works", SOME: "some pages fail", DOWN: "does not work", UNKNOWN: "is not watched at the moment"}
HEADLINES = {
    WELL: "Everything works",
    SOME: "Some pages fail",
    DOWN: "Many pages fail",
    UNKNOWN: "We cannot see at the moment how pages are",
}
_WORST_FIRST = (DOWN, SOME, UNKNOWN, WELL)


@dataclass(frozen=True)
class Bar:
    """One day."""

    date: str
    grade: str
    percent: str


@dataclass(frozen=True)
class Part:
    """A pool, or a site: how it is now, and how it was."""

    title: str
    state: str
    words: str
    percent: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Page:
    """One page. `at` is when it was made."""

    title: str
    contact: str
    state: str
    headline: str
    at: str
    parts: tuple[Part, ...]
    incidents: tuple[Incident, ...]
    private: bool


def public(config: PageConfig, history: History, answers: Mapping[str, bool], incidents: Iterable[Incident], now: float) -> Page:
    """For everybody: pools, and sites that may be named."""
    parts = [_pool(name, title, config, history, answers, now) for name, title in config.pools.items()]
    parts += [_site(site, history, answers, now) for site in config.public_sites if site in config.sites]
    pools = [part.state for part in parts[: len(config.pools)]]
    state = next((state for state in _WORST_FIRST if state in pools), UNKNOWN)
    return Page(config.title, config.contact, state, HEADLINES[state], moment(now), tuple(parts), tuple(incidents), False)


def of_site(
    site: str, config: PageConfig, history: History, answers: Mapping[str, bool], incidents: Iterable[Incident], now: float
) -> Page:
    """For the customer of one site: that site, and the pool it is served from."""
    own, pool = _site(site, history, answers, now), config.sites[site]
    parts = [own, *(_pool(pool, config.pools[pool], config, history, answers, now) for pool in [pool] if pool in config.pools)]
    headline = "%s %s" % (site, WORDS[own.state])
    return Page(config.title, config.contact, own.state, headline, moment(now), tuple(parts), tuple(incidents), True)


def _pool(name: str, title: str, config: PageConfig, history: History, answers: Mapping[str, bool], now: float) -> Part:
    sites = [site for site, pool in config.sites.items() if pool == name]
    days = {date: uptime.of_pool(day, sites) for date, day in history.days.items()}
    return _part(title, uptime.now_of_pool(answers, sites), days, now)


def _site(site: str, history: History, answers: Mapping[str, bool], now: float) -> Part:
    days = {date: day[site] for date, day in history.days.items() if site in day}
    return _part(site, uptime.now_of_site(answers, site), days, now)


def _part(title: str, state: str, days: Mapping[str, Share], now: float) -> Part:
    shown = dates(now)
    bars = tuple(_bar(date, days.get(date, Share())) for date in shown)
    whole = uptime.total(days.get(date, Share()) for date in shown)
    return Part(title, state, WORDS[state], uptime.percent(whole.ratio), bars)


def _bar(date: str, share: Share) -> Bar:
    return Bar(date, uptime.grade(share.ratio), uptime.percent(share.ratio))


def moment(now: float) -> str:
    return datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
