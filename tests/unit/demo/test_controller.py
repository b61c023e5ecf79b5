"""A controller that is killed is dead with all it had started."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from demo.controller import Controller, Run, descendants
from demo.fleet import Fleet
from demo.truth import Truth

FAMILY = "setsid sh -c 'sleep 300 & wait' & wait"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_workers_in_sessions_of_their_own_die_too(tmp_path):
    process = subprocess.Popen(["sh", "-c", FAMILY], text=True, start_new_session=True)
    while len(descendants(process.pid)) < 2:
        time.sleep(0.02)
    family = descendants(process.pid)
    controller = Controller(Truth(tmp_path), Fleet(tmp_path), tmp_path, "test")
    controller.kill(Run(process, None, 0.0, tmp_path / "log"))
    time.sleep(0.1)
    assert not [pid for pid in family if alive(pid)]
