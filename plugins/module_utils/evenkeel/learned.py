"""Pages that visitors asked for most of late: what nobody wrote a probe for, and everybody would miss.

Learned from the end of the access log when a proof needs them. Nothing is kept: what the log forgets is forgotten, and
what was never asked for on this host, such as on a backup server, is not known here.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from . import access_log, replayable, visits
from .host import Host
from .manifest import Manifest
from .probe import Expect, Probe
from .visits import Page, Tally

LOG = "/var/log/apache2/access.log"
PER_SITE = 12
IN_ALL = 300
_SITE_S = 3.0  # what the pages of one site may take together, by what they took at best
_IN_ALL_S = 30.0
_ALIKE = 3  # pages of one folder and ending: a fourth article fails with the third
_ASSETS = 5  # pictures, style sheets and the like: one of each ending
_ASSET = re.compile(r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|mp[34]|webm|pdf|txt|xml|zip)\Z")


@dataclass(frozen=True)
class Learned:
    """One page of a site; `seconds` is what it took at best."""

    site: str
    path: str
    asked: int
    visitors: int
    seconds: float


def is_learning(facts: Mapping[str, Any]) -> bool:
    """Whether the site's pages are learned: it is served, and the truth says so."""
    return bool(facts.get("state") == "active" and facts.get("learn") is not None)


def learn(host: Host, manifest: Manifest, sites: Iterable[str]) -> list[Learned]:
    """The pages of those of `sites` that learn, the most asked-for of every site first; the logs are read for it."""
    wanted = {str(manifest.sites[site]["server_name"]): site for site in sites if is_learning(manifest.sites[site])}
    if not wanted:
        return []
    budget = access_log.Budget(host.clock)
    tallies = visits.tally(access_log.blocks(host.paths.at(LOG), budget), wanted)
    return limited(choose(site, tallies[site], _excluded(manifest, site)) for site in sorted(tallies))


def probe(page: Learned, manifest: Manifest) -> Probe:
    """The request that a visitor made, as a balancer would hand it on; what to expect of it, live will say."""
    facts = manifest.sites[page.site]
    headers = facts["learn"].get("headers") or {}
    return Probe(page.site, "learned " + page.path, str(facts["server_name"]), page.path, Expect(()), headers=headers)


def choose(site: str, tallied: Tally, exclude: Iterable[str] = ()) -> list[Learned]:
    """The pages of one site, the most asked-for first: by how many visitors, so that no single one decides."""
    patterns = tuple(exclude)
    chosen: list[Learned] = []
    alike: Counter[tuple[str, str]] = Counter()
    seconds = 0.0
    for path, page in sorted(tallied.pages.items(), key=_popularity):
        if len(chosen) == PER_SITE:
            break
        if not _goes_well(page) or not replayable.fit(path, patterns):
            continue
        kinds = _likenesses(path)
        if seconds + page.seconds > _SITE_S or any(alike[kind] >= limit for kind, limit in kinds.items()):
            continue
        alike.update(kinds.keys())
        seconds += page.seconds
        chosen.append(Learned(site, path, page.asked, len(page.visitors), round(page.seconds, 3)))
    return chosen


def limited(by_site: Iterable[list[Learned]]) -> list[Learned]:
    """Every site's first page, then every site's second, until there are enough."""
    ranked = [(rank, page) for pages in by_site for rank, page in enumerate(pages)]
    ranked.sort(key=lambda each: (each[0], -each[1].asked, each[1].site))
    kept: list[Learned] = []
    seconds = 0.0
    for _, page in ranked[:IN_ALL]:
        if seconds + page.seconds <= _IN_ALL_S:
            seconds += page.seconds
            kept.append(page)
    return kept


def _goes_well(page: Page) -> bool:
    return page.well > 0 and page.well * 10 >= page.asked * 9


def _popularity(each: tuple[str, Page]) -> tuple[int, int, str]:
    path, page = each
    return -len(page.visitors), -page.asked, path


def _likenesses(target: str) -> dict[tuple[str, str], int]:
    """What `target` is like, and how many of that kind are enough. A page at the top of a site is like nothing else."""
    path, _, query = target.partition("?")
    folder, name = os.path.split(path.rstrip("/"))
    ending = os.path.splitext(name)[1].lower()
    if _ASSET.search(path):
        return {("file", ending): 1, ("file", ""): _ASSETS}
    if query:
        return {(path, "?"): _ALIKE}
    return {(folder, ending if folder != "/" else name): _ALIKE}


def _excluded(manifest: Manifest, site: str) -> tuple[str, ...]:
    learning: Optional[Mapping[str, Any]] = manifest.sites[site].get("learn")
    return tuple(str(pattern) for pattern in (learning or {}).get("exclude", ()))
