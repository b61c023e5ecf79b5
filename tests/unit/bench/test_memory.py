"""Who counts as the controller, and what many processes hold together."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bench.memory import Peaks, by_descent, parent, pss_mb


def test_a_child_in_a_session_of_its_own_counts() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as child:
        assert by_descent(os.getpid())(child.pid) == "controller"
        assert by_descent(child.pid)(os.getpid()) is None
        assert parent(child.pid) == os.getpid()


def test_a_process_that_is_gone_holds_nothing() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    assert (pss_mb(child.pid), parent(child.pid)) == (0.0, 0)


def test_the_peak_stays_after_the_memory_is_gone() -> None:
    peaks = Peaks(by_descent(os.getpid()), pause_s=0.02).start()
    code = "x = bytearray(60 << 20); import time; time.sleep(1.5)"
    subprocess.run([sys.executable, "-c", code], check=True)
    time.sleep(0.1)
    assert peaks.stop()["controller"] > 60
