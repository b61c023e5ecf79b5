"""The probes of a release, parsed site by site: all at once they would be most of what the engine holds and does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from .errors import InvalidRelease
from .manifest import PROBES_FRAME

Documents = list[dict[str, Any]]


class SiteProbes(Mapping[str, Documents]):
    """Site names to probe documents (docs/engineers.md); InvalidRelease when those of the site asked for are none."""

    def __init__(self, lines: Mapping[str, bytes]) -> None:
        self._lines = lines

    def __getitem__(self, site: str) -> Documents:
        return list(_parsed(self._lines[site]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def text(self, site: str) -> Optional[bytes]:
        """Two sites with equal probes have equal texts; None for a site that is not there."""
        return self._lines.get(site)


def parse(data: bytes) -> SiteProbes:
    """What probes.json says, which has one line per site; InvalidRelease when it is no such file."""
    start, end = PROBES_FRAME
    if not (data.startswith(start) and data.endswith(end)):
        raise InvalidRelease("probes.json cannot be read: %s" % "it is not what the compiler writes")
    lines = data[len(start) : -len(end)].strip(b"\n").split(b",\n")
    return SiteProbes(dict(_named(line) for line in lines if line))


def _named(line: bytes) -> tuple[str, bytes]:
    name, _, documents = line.partition(b":")
    return str(_parsed(name)), documents


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRelease("probes.json cannot be read: %s: %s" % (type(error).__name__, error)) from error
