"""A push under way, and how long pushes take on this machine."""

from __future__ import annotations

import statistics
import subprocess
import threading
import time
from collections import deque

from .doomed import kill_tree

FIRST_GUESS_S = {True: 12.0, False: 6.0}  # of a good push, and of one that is refused
REMEMBERED = 5


class Push:
    """`took_s` is there once it has ended, however late somebody asks."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._began = time.monotonic()
        self.took_s: float | None = None
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    def wait(self, limit_s: float) -> int | None:
        """The exit status; None when it has not ended in time."""
        self._watching.join(limit_s)
        return None if self.took_s is None else self._process.returncode

    def kill(self) -> None:
        kill_tree(self._process)

    def _watch(self) -> None:
        self._process.wait()
        self.took_s = time.monotonic() - self._began


class Pace:
    """What the last pushes took: a good one goes all the way, a bad one ends when it is refused."""

    def __init__(self) -> None:
        self._took = {good: deque([guess], REMEMBERED) for good, guess in FIRST_GUESS_S.items()}

    def learn(self, good: bool, seconds: float) -> None:
        self._took[good].append(seconds)

    def typical_s(self, good: bool) -> float:
        return statistics.median(self._took[good])
