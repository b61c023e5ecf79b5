"""What changes between two releases, for people: site by site, and never a secret."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import islice
from typing import Callable, Optional

from .manifest import PROBES, FileEntry, Manifest
from .plan import Change
from .release import Release

Read = Callable[[str], bytes]
Owned = dict[str, FileEntry]
_MAX_LINES = 400


def describe(live: Release, candidate: Release, change: Change, read_new: Read) -> str:
    """A unified diff under one headline a site; secrets are named, not shown."""
    lines = _shortened(_lines(live, candidate, change, read_new))
    return "\n".join(lines) + ("\n" if lines else "")


def _lines(live: Release, candidate: Release, change: Change, read_new: Read) -> Iterator[str]:
    """One after the other, because nobody reads the differences of 5,000 sites, and making them takes seconds."""
    read_old = _reader(live)
    old, new = _by_site(live.manifest), _by_site(candidate.manifest)
    for verb, sites in (("added", change.added), ("changed", change.changed), ("removed", change.removed)):
        for site in sites:
            yield "site %s: %s" % (site, verb)
            if verb != "removed":
                yield from _files(old.get(site, {}), new.get(site, {}), read_old, read_new)
                yield from _probes(live, candidate, site)
    if change.pool_files:
        yield "pool %s: changed" % candidate.manifest.pool
        yield from _files(live.manifest.pool_files(), candidate.manifest.pool_files(), read_old, read_new)


def _by_site(manifest: Manifest) -> dict[str, Owned]:
    found: dict[str, Owned] = {}
    for path, entry in manifest.files.items():
        if entry.site is not None:
            found.setdefault(entry.site, {})[path] = entry
    return found


def _files(before: Owned, after: Owned, read_old: Read, read_new: Read) -> Iterator[str]:
    for path in sorted(set(before) | set(after)):
        one, two = before.get(path), after.get(path)
        if one == two:
            continue
        if (one and one.secret) or (two and two.secret):
            yield "  %s: %s (holds secrets, not shown)" % (path, _verb(one, two))
            continue
        yield from _unified(path, read_old(path) if one else b"", read_new(path) if two else b"")


def _verb(one: Optional[FileEntry], two: Optional[FileEntry]) -> str:
    return "added" if one is None else "removed" if two is None else "changed"


def _unified(path: str, old: bytes, new: bytes) -> Iterator[str]:
    try:
        before, after = old.decode().splitlines(), new.decode().splitlines()
    except UnicodeDecodeError:
        yield "  %s: binary content differs" % path
        return
    names = (path if old else "/dev/null", path if new else "/dev/null")
    yield from ("  " + line for line in difflib.unified_diff(before, after, *names, n=1, lineterm=""))


def _probes(live: Release, candidate: Release, site: str) -> Iterator[str]:
    before = {probe["name"]: probe for probe in live.probes.get(site, [])}
    after = {probe["name"]: probe for probe in candidate.probes.get(site, [])}
    for name in sorted(set(before) | set(after)):
        if before.get(name) != after.get(name):
            yield "  probe %r: %s" % (
                name,
                "added" if name not in before else "removed" if name not in after else "changed",
            )


def _reader(release: Release) -> Read:
    def read(path: str) -> bytes:
        if path == PROBES:
            return b""
        with open(release.file(path), "rb") as stream:
            return stream.read()

    return read


def _shortened(lines: Iterator[str]) -> list[str]:
    shown = list(islice(lines, _MAX_LINES))
    more = next(lines, None) is not None
    return [*shown, "... and more lines; compare the releases under build/"] if more else shown
