"""The journal of one rollout: a file that only grows, one JSON line an event. It outlives whatever kills its writer."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

NAME = "journal.jsonl"
FOLDER_MODE = 0o750
FILE_MODE = 0o640

Event = dict[str, Any]


class Journal:
    """Writes one journal, and holds a lock on it meanwhile. OSError when the disk refuses, or somebody else writes it.

    The lock is POSIX's, which forked workers do not inherit: it ends with this very process. It also ends when this process
    closes any other descriptor of the file, so nobody may read a journal here before `close`.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _sync_folder(path.parent)
        except OSError:
            os.close(self._fd)
            raise

    def append(self, event: Mapping[str, Any]) -> None:
        """One write a line: a reader sees all of it, or a torn last line."""
        os.write(self._fd, line(event))

    def sync(self) -> None:
        os.fsync(self._fd)

    def close(self) -> None:
        try:
            os.fsync(self._fd)
        finally:
            os.close(self._fd)


def _sync_folder(folder: Path) -> None:
    """The name of a file is on disk when its folder is."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def line(event: Mapping[str, Any]) -> bytes:
    """Escaped to ASCII, so that no control character or half of a character gets into the file."""
    return json.dumps(event, separators=(", ", ": "), default=str).encode() + b"\n"


def read(path: Path) -> list[Event]:
    """All events, the oldest first; lines that a crash cut short are passed over. OSError where there is no journal."""
    return list(_events(path))


def _events(path: Path) -> Iterator[Event]:
    with path.open(encoding="utf-8", errors="replace") as stream:
        for text in stream:
            event = parsed(text)
            if event:
                yield event


def parsed(text: str) -> Event:
    """Empty for a line that is no event."""
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else {}


def held(path: Path) -> bool:
    """Whether a run of another process writes this journal now."""
    with path.open("rb") as stream:
        try:
            fcntl.lockf(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False
