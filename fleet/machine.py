"""What the machine that runs everything had left: a rate that was not reached is not always the fleet's fault."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Effort:
    """How busy all processors were (1.0: all, all the time), the load average, and what the client itself took."""

    cores: int
    busy: float
    load: float
    client_cores: float


class Meter:
    """Begins to count when it is made."""

    def __init__(self, client: int) -> None:
        self._client = client
        self._began = time.monotonic()
        self._spent = processor_s()
        self._asked = process_s(client)

    def read(self) -> Effort:
        """What was spent since; before the client ends."""
        seconds = time.monotonic() - self._began
        cores = os.cpu_count() or 1
        busy = (processor_s() - self._spent) / seconds / cores
        client = (process_s(self._client) - self._asked) / seconds
        return Effort(cores, round(busy, 2), round(os.getloadavg()[0], 1), round(client, 2))


def processor_s() -> float:
    """Seconds that processors have worked since the machine started."""
    counts = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    idle = counts[3] + counts[4]
    return (sum(counts) - idle) * TICKS_S


def process_s(pid: int) -> float:
    """Seconds that a process has worked, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICKS_S
