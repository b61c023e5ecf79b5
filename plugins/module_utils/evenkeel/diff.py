"""What changes between two releases, for people: site by site, and never a secret."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Callable, Optional

from .manifest import PROBES, FileEntry, Manifest
from .plan import Change
from .release import Release

Read = Callable[[str], bytes]
_MAX_LINES = 400


def describe(live: Release, candidate: Release, change: Change, read_new: Read) -> str:
    """A unified diff under one headline a site; secrets are named, not shown."""
    read_old = _reader(live)
    lines: list[str] = []
    for site in change.added + change.changed + change.removed:
        verb = "added" if site in change.added else "removed" if site in change.removed else "changed"
        lines.append("site %s: %s" % (site, verb))
        if verb != "removed":
            lines += _files(live.manifest, candidate.manifest, site, read_old, read_new)
            lines += _probes(live, candidate, site)
    if change.pool_files:
        lines.append("pool %s: changed" % candidate.manifest.pool)
        lines += _files(live.manifest, candidate.manifest, None, read_old, read_new)
    return "\n".join(_shortened(lines)) + ("\n" if lines else "")


def _files(old: Manifest, new: Manifest, site: Optional[str], read_old: Read, read_new: Read) -> Iterator[str]:
    before, after = _owned(old, site), _owned(new, site)
    for path in sorted(set(before) | set(after)):
        one, two = before.get(path), after.get(path)
        if one == two:
            continue
        if (one and one.secret) or (two and two.secret):
            yield "  %s: %s (holds secrets, not shown)" % (path, _verb(one, two))
            continue
        yield from _unified(path, read_old(path) if one else b"", read_new(path) if two else b"")


def _owned(manifest: Manifest, site: Optional[str]) -> dict[str, FileEntry]:
    return manifest.pool_files() if site is None else manifest.site_files(site)


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


def _shortened(lines: list[str]) -> list[str]:
    if len(lines) <= _MAX_LINES:
        return lines
    return [*lines[:_MAX_LINES], "... %d more lines; compare the releases under build/" % (len(lines) - _MAX_LINES)]
