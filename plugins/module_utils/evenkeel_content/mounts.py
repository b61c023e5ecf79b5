"""Whether a shared file system is there. Pure but for reading what the kernel says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .config import Site

_OCTAL = re.compile(r"\\([0-7]{3})")


def mounted(path: str = "/proc/self/mountinfo") -> dict[str, str]:
    """File system types by mount point; the last mount on a point is the one that is seen."""
    with open(path, encoding="utf-8", errors="surrogateescape") as stream:
        return parse(stream.read())


def parse(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        found[_OCTAL.sub(lambda match: chr(int(match[1], 8)), left.split()[4])] = right.split()[0]
    return found


def doubt(site: Site, known: Mapping[str, str]) -> str:
    """Why the site's files are not there; nothing where they are."""
    there = known.get(site.mount)
    if there is None:
        return "%s lies on %s, where nothing is mounted" % (site.name, site.mount)
    if site.fstype and there != site.fstype:
        return "%s wants %s on %s, where %s is mounted" % (site.name, site.fstype, site.mount, there)
    return ""
