"""Drift as a unified diff, for people. What holds secrets, or may hold some, is named and not shown."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Optional

from . import compare, drift
from .drift import CHANGED, EXTRA, Finding
from .host import Host
from .release import Release
from .store import Store

_MAX_LINES = 400
_OPEN = ("apache2/sites/", "apache2/apache2.conf", "haproxy/haproxy.cfg", "haproxy/maps/", "logrotate.d/", "tmpfiles.d/")


def describe(host: Host, store: Store, live: Release, found: Iterable[Finding]) -> str:
    """One headline a finding; below it what was changed, where the host still knows what it was."""
    lines = (line for finding in found for line in _finding(host, store, live, finding))
    shown = list(islice(lines, _MAX_LINES))
    more = next(lines, None) is not None
    return "\n".join([*shown, *(["... and more; `evenkeel drift` on the host names all"] if more else [])])


def _finding(host: Host, store: Store, live: Release, finding: Finding) -> Iterator[str]:
    yield "%s: %s" % (finding.kind, finding.line())
    wanted = drift.entry_points(live.manifest).get(finding.path)
    if wanted is not None:
        text = compare.texts(host.paths.at, {finding.path: None})[finding.path] or ""
        yield from _unified(finding.path, wanted, drift.effective(text))
    elif finding.kind == EXTRA:
        yield from _added(live, finding.path)
    elif finding.kind == CHANGED and finding.path in live.manifest.files:
        yield from _changed(store, live, finding.path)


def _added(live: Release, path: str) -> Iterator[str]:
    """A file of unknown making: shown only where no release keeps secrets."""
    if not path.startswith(_OPEN):
        yield "  not shown: it may hold secrets"
        return
    yield from _unified(path, (), _lines(compare.content(live.file(path))))


def _changed(store: Store, live: Release, path: str) -> Iterator[str]:
    entry, now = live.manifest.files[path], compare.content(live.file(path))
    if entry.secret:
        yield "  not shown: it holds secrets"
        return
    if now is not None and hashlib.sha256(now).hexdigest() == entry.sha256:
        return
    before = _original(store, live, path)
    if before is None:
        yield "  what it was is not on this host any more; compare with build/ on the controller"
        return
    yield from _unified(path, _lines(before), _lines(now))


def _original(store: Store, live: Release, path: str) -> Optional[bytes]:
    """The file as it was, from any release of this host that has the same: a push changes few files."""
    wanted = live.manifest.files[path].sha256
    for release_id in store.ids():
        found = None if release_id == live.id else compare.content(store.path_in(release_id, path))
        if found is not None and hashlib.sha256(found).hexdigest() == wanted:
            return found
    return None


def _lines(content: Optional[bytes]) -> Optional[tuple[str, ...]]:
    """None for what is no text."""
    try:
        return () if content is None else tuple(content.decode().splitlines())
    except UnicodeDecodeError:
        return None


def _unified(path: str, before: Optional[tuple[str, ...]], after: Optional[tuple[str, ...]]) -> Iterator[str]:
    if before is None or after is None:
        yield "  binary content differs"
        return
    lines = difflib.unified_diff(before, after, path, path + " on this host", n=1, lineterm="")
    yield from ("  " + line for line in lines)
