"""Visitors who are not like a probe: browsers and phones, search engines, readers of a newsletter, those who ask by HEAD.

A rule that tells them apart leaves every probe as it is. So front pages that are right are asked once more as each of them;
live is asked only where the twin sends somebody away. Their words end in ours, so that no log takes them for visitors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Optional
from urllib.parse import urlsplit

from .http_request import AGENT
from .judge import shorten
from .manifest import Manifest
from .probe import Answer, Probe
from .prober import Prober
from .verdict import Failure

GUARD = "visitors"
_SITES = 10  # a rule of the server meets all of them
_SECONDS = 1.0  # that their pages took together: each is asked for several times
_ELSEWHERE = "https://elsewhere.example"
_OF_BROWSERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Cache-Control": "max-age=0",
    "DNT": "1",
    "Upgrade-Insecure-Requests": "1",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-User": "?1",
    "Cookie": "consent=yes; theme=light",
}
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class _Visitor:
    """One kind of visitor; `query` is what his link brings along."""

    name: str
    agent: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    method: str = "GET"


_CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
_PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
_BING = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"  # who plays Googlebot gets banned
_STRANGER = _Visitor("a script of another site", _CHROME, {"Accept": "*/*", "Origin": _ELSEWHERE})
_VISITORS = (
    _Visitor("a browser", _CHROME, _OF_BROWSERS),
    _Visitor("a reader of a newsletter", _FIREFOX, _OF_BROWSERS, "?utm_source=newsletter&utm_medium=email"),
    _Visitor("a phone", _PHONE, {"Accept": "*/*", "Accept-Language": "fr-FR,fr;q=0.9"}),
    _Visitor("a search engine", _BING, {"Accept": "*/*", "From": "bingbot(at)microsoft.com"}),
    _Visitor("somebody who asks by HEAD", "Mozilla/5.0 (compatible; links)", method="HEAD"),
    _STRANGER,
)


class _Visit:
    """One of them at one page."""

    def __init__(self, visitor: _Visitor, page: Probe) -> None:
        headers = {**page.headers, **visitor.headers, "User-Agent": "%s %s" % (visitor.agent, AGENT)}
        self.visitor, self.page = visitor, page
        self.probe = replace(page, headers=headers, path=page.path + visitor.query, method=visitor.method)
        self.key = page.site, visitor.name
        self.is_welcome = visitor is not _STRANGER


def compare(manifest: Manifest, asked: Sequence[tuple[Probe, Answer]], there: Prober, now: Prober) -> list[Failure]:
    """Who is sent away by the twin and not by live, though the page is right; and who may read what is not his."""
    names = {str(name) for facts in manifest.sites.values() for name in (facts["server_name"], *facts.get("aliases", ()))}
    told = _told([_Visit(visitor, page) for page, _ in fronts(asked) for visitor in _VISITORS], names, there)
    if told:
        before = {visit.key for visit, _ in _told([visit for visit, _ in told], names, now)}
        told = _told([visit for visit, _ in told if visit.key not in before], names, there)  # a busy host has bad moments
    return [_failure(visit, got) for visit, got in told]


def fronts(asked: Sequence[tuple[Probe, Answer]]) -> list[tuple[Probe, Answer]]:
    """The front page of the first sites, each once, as somebody without credentials gets it; fewer where they are slow."""
    pages: dict[str, tuple[Probe, Answer]] = {}
    seconds = 0.0
    for probe, answer in asked:
        plain = probe.method == "GET" and probe.path == "/" and "Authorization" not in probe.headers
        if plain and answer.status == 200 and probe.site not in pages and seconds < _SECONDS and len(pages) < _SITES:
            pages[probe.site] = (probe, answer)
            seconds += answer.seconds
    return list(pages.values())


def _told(visits: Sequence[_Visit], names: set[str], prober: Prober) -> list[tuple[_Visit, str]]:
    """What somebody is told who should have seen the page; redirects are followed one step, as far as this server goes."""
    found, moved = [], []
    for visit, answer in zip(visits, prober.ask([visit.probe for visit in visits])):
        got = _trouble(visit, answer)
        if got is not None:
            found.append((visit, got))
        elif answer.status in _MOVED and visit.is_welcome:
            moved.append((visit, answer.headers.get("location", "")))
    return found + list(_astray(moved, names, prober))


def _trouble(visit: _Visit, answer: Answer) -> Optional[str]:
    if not visit.is_welcome:
        mine = answer.headers.get("access-control-allow-origin") == _ELSEWHERE
        mine = mine and answer.headers.get("access-control-allow-credentials", "").lower() == "true"
        return "lets scripts of any other site read what a visitor sees when he is logged in" if mine else None
    if answer.status is None:
        return "gives %s no answer (%s)" % (visit.visitor.name, answer.error)
    return "answers %s with %d" % (visit.visitor.name, answer.status) if answer.status >= 400 else None


def _astray(moved: Sequence[tuple[_Visit, str]], names: set[str], prober: Prober) -> Iterator[tuple[_Visit, str]]:
    near = []
    for visit, location in moved:
        target = urlsplit(location)
        if target.hostname is None or target.hostname == visit.probe.host:
            near.append((visit, replace(visit.probe, path=target.path or "/"), location))
        elif target.hostname not in names:
            yield visit, "sends %s to %s, which is no site of this pool" % (visit.visitor.name, shorten(location))
    for (visit, _, location), answer in zip(near, prober.ask([probe for _, probe, _ in near])):
        if answer.status is None or answer.status >= 400:
            yield (
                visit,
                "sends %s to %s, which answers %s" % (visit.visitor.name, shorten(location), answer.status or answer.error),
            )


def _failure(visit: _Visit, got: str) -> Failure:
    page = visit.page
    return Failure(page.site, GUARD, got, "the page, as everybody else gets it", page.name, page.host + visit.probe.path)
