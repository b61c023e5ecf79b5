"""What visitors asked a site for, by the lines of the access log. Pure, and made for lines that somebody wrote in anger."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Optional

from .http_request import AGENT

ENOUGH = 1000  # visits of one site; more of them change little about which pages are asked for most ...
VARIETY = 30  # ... once there are so many pages: a monitor that asks for one page all day teaches nothing
_PATHS = 2000  # remembered of one site, however many its visitors invent
_VISITORS = 50  # told apart of one page
_LARGE = 1 << 20  # bytes; what is larger is a download, and is not read to its end
_WELL = (200, 304, 301, 308)  # 302 and 303 are what pages answer that have just done something
# LogFormat `evenkeel`, roles/apache/templates/.../logging.conf.j2. Apache writes quotes and control characters of
# visitors as \" and \xhh, so what stands behind the last quote is its own; "-" is a visitor who gave no name.
_LINE = re.compile(
    rb'(?P<client>\S+) \S+ - \[[^\]]*\] "GET (?P<target>/[^\s"\\]*) HTTP/[0-9.]+" (?P<status>\d{3}) (?P<size>\d+|-) '
    rb'"(?:[^"\\]|\\.)*" "(?P<agent>(?:[^"\\]|\\.)*)" (?P<vhost>\S+) \S+ (?P<micros>\d{1,12})\Z'
)


@dataclass
class Page:
    """One target of one site: how often it was asked for, how often that went well, by how many, and seconds at best.

    The best is what the page costs; the others tell how busy the host was.
    """

    asked: int = 0
    well: int = 0
    seconds: float = math.inf
    visitors: set[bytes] = field(default_factory=set)


class Tally:
    """The pages of one site."""

    def __init__(self) -> None:
        self.visits = 0
        self.pages: dict[str, Page] = {}

    @property
    def is_enough(self) -> bool:
        return self.visits >= ENOUGH and len(self.pages) >= VARIETY

    def add(self, target: str, client: bytes, well: bool, seconds: float) -> None:
        self.visits += 1
        page = self.pages.get(target)
        if page is None:
            if len(self.pages) >= _PATHS:
                self._forget()
            if len(self.pages) >= _PATHS:
                return
            page = self.pages[target] = Page()
        page.asked += 1
        page.well += well
        page.seconds = min(page.seconds, seconds)
        if len(page.visitors) < _VISITORS:
            page.visitors.add(client)

    def _forget(self) -> None:
        """Who asks for a thousand addresses once each must not keep the others out."""
        self.pages = {target: page for target, page in self.pages.items() if page.asked > 1}


def tally(blocks: Iterable[bytes], sites: Mapping[str, str]) -> dict[str, Tally]:
    """What was asked of each of `sites` (server name to site); ends when enough is known of every one of them."""
    found = {name.encode(): Tally() for name in sites}
    waiting = set(found)
    for block in blocks:
        for line in _lines(block, waiting):
            _add(line, found)
        waiting = {name for name in waiting if not found[name].is_enough}
        if not waiting:
            break
    return {sites[name.decode()]: tallied for name, tallied in found.items()}


def _lines(block: bytes, names: set[bytes]) -> Iterator[bytes]:
    """Lines of these vhosts. A block that names none of a few is not taken apart, which is all that most blocks cost."""
    if len(names) <= 8 and not any(b'" ' + name + b" " in block for name in names):
        return
    for line in block.splitlines():
        words = line.rsplit(b" ", 3)
        if len(words) == 4 and words[1] in names:
            yield line


def _add(line: bytes, found: Mapping[bytes, Tally]) -> None:
    visit = _LINE.match(line)
    if visit is None or visit["agent"].endswith(AGENT.encode()) or _size(visit["size"]) > _LARGE:
        return
    target = _text(visit["target"])
    if target is not None:
        well = int(visit["status"]) in _WELL
        found[visit["vhost"]].add(target, visit["client"], well, int(visit["micros"]) / 1e6)


def _size(digits: bytes) -> int:
    return 0 if digits == b"-" else int(digits[:20])


def _text(target: bytes) -> Optional[str]:
    try:
        return target.decode("ascii")
    except UnicodeDecodeError:
        return None
