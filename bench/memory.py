#!/usr/bin/env python3
"""Peak memory of many processes together, in proportional set size: shared pages count once. Standard library, 3.9.

As a program, on a host: `memory.py SECONDS` until its input ends, then one JSON object of peaks in MiB by group.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Optional

PAUSE_S = 0.2
Group = Callable[[int], Optional[str]]


def pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def pss_mb(pid: int) -> float:
    """Proportional set size in MiB; 0 for a process that has ended."""
    try:
        lines = Path("/proc/%d/smaps_rollup" % pid).read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def by_descent(ancestor: int) -> Group:
    """All processes that one command started, itself included; modules have sessions of their own, so parents count."""

    def group(pid: int) -> Optional[str]:
        while pid > 1:
            if pid == ancestor:
                return "controller"
            pid = parent(pid)
        return None

    return group


def parent(pid: int) -> int:
    """0 for a process that has ended; proc(5): the second word after the name, which may hold anything but `)`."""
    try:
        return int(Path("/proc/%d/stat" % pid).read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def by_service(pid: int) -> Optional[str]:
    """On a host: the live services, the twin, and whatever else a push runs there."""
    try:
        unit = Path("/proc/%d/cgroup" % pid).read_text(encoding="ascii", errors="replace").rpartition("0::")[2]
        name = str(Path("/proc/%d/exe" % pid).readlink())
    except OSError:
        return None
    if "evenkeel-twin@" in unit:
        return "twin"
    if "apache2.service" in unit or "-fpm.service" in unit:
        return "live"
    return "engine" if "python" in name and pid != os.getpid() else None


class Peaks:
    """Samples in a thread of its own until `stop`; `peaks` is MiB by group, and `all` their largest sum without `live`."""

    def __init__(self, group: Group, pause_s: float = PAUSE_S) -> None:
        self._group = group
        self._pause_s = pause_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.peaks: Counter[str] = Counter()

    def start(self) -> Peaks:
        self._thread.start()
        return self

    def stop(self) -> dict[str, float]:
        self._ended.set()
        self._thread.join()
        return {name: round(value, 1) for name, value in self.peaks.items()}

    def _work(self) -> None:
        while not self._ended.wait(self._pause_s):
            self._note(self._sample(pids()))

    def _sample(self, found: Iterable[int]) -> Counter[str]:
        now: Counter[str] = Counter()
        for pid in found:
            name = self._group(pid)
            if name is not None:
                now[name] += pss_mb(pid)  # type: ignore[assignment]
        now["all"] = sum(value for name, value in now.items() if name != "live")
        return now

    def _note(self, now: Counter[str]) -> None:
        for name, value in now.items():
            self.peaks[name] = max(self.peaks[name], value)


def main(arguments: list[str]) -> int:
    peaks = Peaks(by_service, float(arguments[0])).start()
    print("sampling", flush=True)
    sys.stdin.read()
    print(json.dumps(peaks.stop()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
