"""What Apache or PHP-FPM say when they refuse to start: whose fault, and in which words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Optional

from .manifest import Manifest
from .spelling import site_named_in, spell
from .verdict import Failure

_SHOWN = 3
_POOL = re.compile(r"\[pool ([a-z][a-z0-9-]*)\]")
_WHERE = re.compile(r"(?:AH00526: )?Syntax error on line (?P<line>\d+) of (?P<file>\S+):$")
_NOISE = (
    "AH00014",  # configuration check failed
    "AH00112",  # a document root that does not exist; the probes judge
    "AH00558",  # no ServerName
    "NOTICE:",
    ":notice]",
    "Warning:",
    "Syntax OK",
    "Unable to include ",
    "FPM initialization failed",
    "failed to load configuration",
)


def refusal(guard: str, got: str, output: str, manifest: Manifest) -> Failure:
    """A failure with the program's own words as its cause, and the site whose file or pool they name."""
    lines = [line for line in output.splitlines() if _tells(line)] or ["it said nothing"]
    cause = tuple(dict.fromkeys(_joined(spell(line) for line in lines)))
    return Failure(_culprit(lines, manifest), guard, got, cause=cause[-_SHOWN:])


def _culprit(lines: Iterable[str], manifest: Manifest) -> Optional[str]:
    for line in lines:
        pool = _POOL.search(line)
        named = site_named_in(manifest, line) or (pool[1] if pool and pool[1] in manifest.sites else None)
        if named is not None:
            return named
    return None


def _joined(lines: Iterable[str]) -> list[str]:
    """Apache names the place in one line and the mistake in the next: `apache2/sites/blog.conf:12: Invalid ...`."""
    joined: list[str] = []
    place = ""
    for line in lines:
        where = _WHERE.search(line)
        if where:
            place = "%s:%s: " % (where["file"], where["line"])
        else:
            joined.append(place + line)
            place = ""
    return joined


def _tells(line: str) -> bool:
    return bool(line.strip()) and not any(word in line for word in _NOISE)
