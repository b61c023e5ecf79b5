"""A release as it lies on the disk, against its manifest."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from typing import Callable, Optional

from . import drift_seen
from . import manifest as manifests
from .drift import CHANGED, EXTRA, MISSING, Finding
from .drift_seen import Mark, Marks
from .manifest import FileEntry
from .release import Release

Now = Callable[[], float]
_EDITED = "was edited by hand"


class Comparison:
    """Every file of `release` against its manifest; one that still has the mark in `seen` is not read.

    `marks` holds, afterwards, how each file lay that is as it should be, and that a later edit could be told from.
    """

    def __init__(self, release: Release, stamp: bytes, now: Now, seen: Optional[Marks] = None) -> None:
        self._release = release
        self._stamp = stamp
        self._now = now
        self._seen: Marks = seen or {}
        self.marks: dict[str, Mark] = {}

    def findings(self) -> list[Finding]:
        """Sorted by path within each sort; the next push publishes over all of them."""
        manifest = self._release.manifest
        found = [one for path, entry in sorted(manifest.files.items()) for one in self._file(path, entry)]
        expected = {*manifest.files, manifests.MANIFEST, manifest.stamp}
        found += [Finding(EXTRA, path, "was added by hand", True) for path in sorted(set(walk(self._release.path)) - expected)]
        if content(self._release.file(manifest.stamp)) != self._stamp:
            found.append(Finding(CHANGED, manifest.stamp, "was edited by hand or is gone", True))
        return found

    def _file(self, path: str, entry: FileEntry) -> Iterator[Finding]:
        name = self._release.file(path)
        try:
            seen = self._seen.get(path)
            if seen is not None and drift_seen.mark(os.lstat(name)) == seen:
                self.marks[path] = seen
                return
            read_at = int(self._now() * 1e9)
            digest, status = hashed(name)
        except OSError as error:
            yield self._unreadable(path, error)
            return
        mode = stat.S_IMODE(status.st_mode)
        if digest != entry.sha256:
            yield Finding(CHANGED, path, _EDITED, True)
        elif mode != int(entry.mode, 8):
            yield Finding(CHANGED, path, "has mode %04o, not %s" % (mode, entry.mode), True)
        elif drift_seen.settled(drift_seen.mark(status), read_at):
            self.marks[path] = drift_seen.mark(status)

    @staticmethod
    def _unreadable(path: str, error: OSError) -> Finding:
        if error.errno == errno.ELOOP:
            return Finding(CHANGED, path, "was replaced by a symlink", True)
        return Finding(MISSING, path, "is gone", True)


def hashed(path: str) -> tuple[str, os.stat_result]:
    """SHA-256 of a file and how it lay; a symlink is refused (ELOOP), because it could lead to what may change."""
    with open(path, "rb", opener=_itself) as stream:
        return hashlib.sha256(stream.read()).hexdigest(), os.fstat(stream.fileno())


def content(path: str) -> Optional[bytes]:
    """None when there is no such regular file."""
    try:
        with open(path, "rb", opener=_itself) as stream:
            return stream.read()
    except OSError:
        return None


def walk(folder: str) -> Iterator[str]:
    """Relative paths of all files, and of links that stand for folders."""
    for parent, folders, files in os.walk(folder):
        linked = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        below = os.path.relpath(parent, folder)
        for name in (*files, *linked):
            yield name if below == os.curdir else os.path.join(below, name)


def texts(root: Callable[[str], str], paths: Mapping[str, object]) -> dict[str, Optional[str]]:
    """The text of each path; None where there is none."""
    found = {path: content(root(path)) for path in paths}
    return {path: None if data is None else data.decode("utf-8", "replace") for path, data in found.items()}


def _itself(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
