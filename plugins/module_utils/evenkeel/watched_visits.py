"""How visitors of each site fared on one release and on the one before it, by the access log. Pure.

Apache writes the release that answered into every line, so that before and after need no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .prober import AGENT

# LogFormat `evenkeel`. Apache writes quotes and control characters of visitors as \" and \xhh, so the first quote that
# is not escaped ends the request, whatever it was.
_STATUS = re.compile(rb'[^"]*"(?:[^"\\]|\\.)*" (\d{3}) ')
_OURS = b' "' + AGENT.encode() + b'" '
_FAILED = b"5"

Counts = dict[str, list[int]]  # by site: how many requests, and how many of them failed


def count(blocks: Iterable[bytes], sites: Mapping[str, str], releases: Iterable[str]) -> dict[str, Counts]:
    """By release, what was asked of each of `sites` (server name to site), and failed with a status of 500 and above."""
    names = {name.encode(): site for name, site in sites.items()}
    found: dict[bytes, Counts] = {release.encode(): {} for release in releases}
    for block in blocks:
        for line in block.splitlines():
            words = line.rsplit(b" ", 3)
            if len(words) == 4 and words[2] in found and words[1] in names and _OURS not in line:
                _add(found[words[2]], names[words[1]], words[0])
    return {release.decode(): counts for release, counts in found.items()}


def _add(counts: Counts, site: str, line: bytes) -> None:
    status = _STATUS.match(line)
    if status is None:
        return
    tally = counts.setdefault(site, [0, 0])
    tally[0] += 1
    tally[1] += status[1].startswith(_FAILED)
