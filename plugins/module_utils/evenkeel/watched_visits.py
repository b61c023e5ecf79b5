"""How visitors of each site fared on one release and on the one before it, by the access log. Pure.

Apache writes the release that answered into every line, so that before and after need no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Optional

from .http_request import AGENT

# LogFormat `evenkeel`. Apache writes quotes and control characters of visitors as \" and \xhh, so the first quote that
# is not escaped ends the request, whatever it was.
_LINE = re.compile(rb'[^"]*"((?:[^"\\]|\\.)*)" (\d{3}) ')
_OURS = AGENT.encode() + b'" '
_FAILED = b"5"
_NUMBER = re.compile(rb"\d+")
_PAGES = 5000  # visitors decide how many pages there are
_LONGEST = 300  # bytes of a page's name that tell it from others

Counts = dict[str, list[int]]  # by site: how many requests, and how many of them failed


class Visit(NamedTuple):
    """One line. `page` is method and path, each number as 0: /order/17 and /order/18 are one page."""

    site: str
    page: bytes
    failed: bool


class Visits:
    """Requests that `release` and the one before it answered, by site. Lines are given from the youngest on.

    A request that fails counts against `release` only where the one before answered that page well: what was broken already, or
    what nobody had asked for yet - a scanner's guesses -, is no news.
    """

    def __init__(self, release: str, previous: str) -> None:
        self._release, self._previous = release.encode(), previous.encode()
        self.after: Counts = {}
        self.before: Counts = {}
        self._doubtful: dict[tuple[str, bytes], int] = {}

    def read(self, blocks: Iterable[bytes], sites: Mapping[str, str]) -> Visits:
        """`blocks` of lines, the youngest block first; `sites` by server name."""
        names = {name.encode(): site for name, site in sites.items()}
        for block in blocks:
            for line in reversed(block.splitlines()):
                words = line.rsplit(b" ", 3)
                if len(words) == 4 and words[2] in (self._release, self._previous) and words[1] in names and _OURS not in line:
                    self._count(words[2], _visit(names[words[1]], words[0]))
        return self

    def _count(self, release: bytes, visit: Optional[Visit]) -> None:
        if visit is None:
            return
        if release == self._release:
            self._add(self.after, visit.site, failed=0)
            self._doubt(visit)
        else:
            self._add(self.before, visit.site, failed=int(visit.failed))
            self._believe(visit)

    @staticmethod
    def _add(counts: Counts, site: str, failed: int) -> None:
        tally = counts.setdefault(site, [0, 0])
        tally[0] += 1
        tally[1] += failed

    def _doubt(self, visit: Visit) -> None:
        key = (visit.site, visit.page)
        if visit.failed and (key in self._doubtful or len(self._doubtful) < _PAGES):
            self._doubtful[key] = self._doubtful.get(key, 0) + 1

    def _believe(self, visit: Visit) -> None:
        if self._doubtful and not visit.failed:
            self.after.get(visit.site, [0, 0])[1] += self._doubtful.pop((visit.site, visit.page), 0)


def _visit(site: str, line: bytes) -> Optional[Visit]:
    found = _LINE.match(line)
    if found is None:
        return None
    page = found[1].partition(b"?")[0].partition(b" HTTP/")[0][:_LONGEST]
    return Visit(site, _NUMBER.sub(b"0", page), found[2].startswith(_FAILED))
