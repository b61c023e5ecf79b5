"""The young end of the access log, its rotated files included, within bounds: visitors decide how much stands in it."""

from __future__ import annotations

import glob
import gzip
import os
import re
import stat
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from .host import Clock

MAX_BYTES = 64 << 20
MAX_S = 1.0
_BLOCK = 1 << 18
_ROTATED = re.compile(r"\.(\d{1,4})(?:\.gz)?\Z")


class Budget:
    """What is left of the bytes and seconds that one look at the logs may cost."""

    def __init__(self, clock: Clock, max_bytes: int = MAX_BYTES, max_s: float = MAX_S) -> None:
        self._clock = clock
        self._left = max_bytes
        self._end = clock.monotonic() + max_s

    def spend(self, count: int) -> None:
        self._left -= count

    @property
    def spent(self) -> bool:
        return self._left <= 0 or self._clock.monotonic() >= self._end


def blocks(path: str, budget: Budget) -> Iterator[bytes]:
    """Blocks of lines, those of the youngest file first. What cannot be read is passed over: a log is no promise."""
    for name in files(path):
        try:
            with _opened(name) as stream:
                reader = _forwards(stream) if name.endswith(".gz") else _backwards(stream)
                for block in reader:
                    yield block
                    budget.spend(len(block))
                    if budget.spent:
                        return
        except (OSError, EOFError, zlib.error):
            continue


def files(path: str) -> list[str]:
    """`path` and what logrotate made of it, the youngest first: access.log, access.log.1, access.log.2.gz."""
    rotated = [(int(found[1]), name) for name in glob.glob(glob.escape(path) + ".*") if (found := _ROTATED.search(name))]
    return [path, *(name for _, name in sorted(rotated))]


def _opened(name: str) -> BinaryIO:
    """A regular file and nothing that could wait or never end, such as a pipe."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    stream = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        stream.close()
        raise OSError("%s is no file" % name)
    return stream


def _backwards(stream: BinaryIO) -> Iterator[bytes]:
    """From the end on. Of a line that is longer than a block only its beginning is seen, which is no line of ours."""
    end = stream.seek(0, os.SEEK_END)
    rest = b""
    while end > 0:
        start = max(0, end - _BLOCK)
        stream.seek(start)
        data = stream.read(end - start) + rest
        end, rest = start, b""
        if start > 0:
            rest, _, data = data.partition(b"\n")
            rest = rest if len(rest) < _BLOCK else b""
        yield data


def _forwards(packed: BinaryIO) -> Iterator[bytes]:
    """A compressed file can be read from its beginning only."""
    with gzip.open(packed) as stream:
        rest = b""
        while True:
            data = stream.read(_BLOCK)
            if not data:
                break
            data, newline, rest = (rest + data).rpartition(b"\n")
            rest = rest if len(rest) < _BLOCK else b""
            yield data + newline
        yield rest
