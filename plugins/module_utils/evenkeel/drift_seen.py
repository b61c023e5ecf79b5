"""How files of the live release lay there when their hashes were right, so that a push need not read them all again.

A push compares size, times, inode and mode, and hashes what differs. A change time cannot be set by a program, so an edit
shows; who turns the host's clock back, too, is found by the check that `evenkeel-drift.timer` starts, which hashes every file.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping

from .host import Host

Mark = tuple[int, ...]  # size, modified, changed (ns), inode, mode
Marks = Mapping[str, Mark]
_TICK_NS = 50_000_000  # a second change within one tick of the kernel's clock leaves the times as they were


def mark(status: os.stat_result) -> Mark:
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode)


def settled(one: Mark, read_at_ns: int) -> bool:
    """Whether a file that was read then can be told from one that was changed afterwards."""
    return one[2] + _TICK_NS < read_at_ns


def load(host: Host, release_id: str) -> Marks:
    """Empty when nobody looked at the release before or since it went live, or the file is damaged: everything is hashed then."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        with open(host.paths.seen, encoding="utf-8") as stream:
            document = json.load(stream)
        if document["release"] == release_id:
            return {str(path): tuple(values) for path, values in document["files"].items()}
    return {}


def save(host: Host, release_id: str, marks: Marks) -> None:
    document = {"format": 1, "release": release_id, "files": marks}
    host.disk.replace(host.paths.seen, json.dumps(document, separators=(",", ":")).encode(), 0o600)
