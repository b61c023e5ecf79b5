"""The stream as a process of its own, so that whoever pushes, waits or dies does not slow it down."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from .load import Load
from .record import Visit, read

CHECKOUT = Path(__file__).resolve().parents[2]


class StreamDied(Exception):
    """The stream is not running any more, so nothing that follows has been measured."""


class Stream:
    """Starts `load` in `folder`: `load.json` says what is asked, `requests.csv` what came of it."""

    def __init__(self, load: Load, folder: Path) -> None:
        self._load = load
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    @property
    def record(self) -> Path:
        return self._folder / "requests.csv"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._load.save(self._folder / "load.json")
        command = [sys.executable, "-m", "demo.client", str(self._folder / "load.json"), str(self.record)]
        self._process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._expect("started")

    def mark(self, name: str) -> float:
        """Write `name` into the record; returns the time from which requests belong to it."""
        at = time.time()
        self._tell("mark " + name)
        self._expect("marked")
        return at

    def stop(self) -> list[Visit]:
        """Every request of the stream, once the last one has its answer."""
        self._tell("stop")
        self._expect("stopped")
        assert self._process is not None
        self._process.wait(timeout=10)
        return read(self.record)

    def kill(self) -> None:
        """End without waiting for anybody; for when the reader is gone already."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _tell(self, words: str) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(words + "\n")
            self._process.stdin.flush()
        except OSError as problem:
            raise StreamDied(f"The stream of requests ended by itself; see {self._folder}.") from problem

    def _expect(self, word: str) -> None:
        assert self._process is not None and self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if line != word:
            raise StreamDied(f"The stream of requests ended by itself, saying '{line}'; see {self._folder}.")
