"""What the servers of a twin say is read while they say it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from plugins.module_utils.evenkeel.twin_services import said

PIECES = r"""
import os, time
for piece in (b"one\ntw", b"o\n", b"\xc3", b"\xa4\nlast"):
    os.write(1, piece)
    time.sleep(0.05)
"""
SILENT = "import os, time; os.write(1, b'one\\n'); time.sleep(60)"


def test_lines_come_whole_in_whatever_pieces_they_are_written() -> None:
    with _running(PIECES) as program:
        assert list(said(program, time.monotonic() + 20)) == ["one", "two", "ä", "last"]


def test_a_program_that_says_nothing_is_not_waited_for_any_longer_and_not_ended_by_it() -> None:
    with _running(SILENT) as program:
        assert list(said(program, time.monotonic() + 1)) == ["one", ""]
        assert program.poll() is None


@contextmanager
def _running(script: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as program:
        try:
            yield program
        finally:
            program.kill()
