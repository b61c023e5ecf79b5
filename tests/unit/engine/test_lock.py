"""One run at a time on a host; who dies frees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import lock
from plugins.module_utils.evenkeel.errors import LockHeld
from plugins.module_utils.evenkeel.host import Host

HOLDER = """
import sys
from plugins.module_utils.evenkeel import lock
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.paths import Paths
with lock.held(Host(paths=Paths(sys.argv[1])), "evenkeel live"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_run(host: Host) -> Iterator[subprocess.Popen[str]]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, host.paths.root],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.kill()
        holder.communicate()


def test_the_second_run_is_refused_and_told_who_holds_the_lock(host: Host) -> None:
    with another_run(host) as holder:
        told = r"evenkeel live \(pid %d, since " % holder.pid
        with pytest.raises(LockHeld, match=told), lock.held(host, "evenkeel prove"):
            pass


def test_a_holder_that_is_killed_frees_the_lock(host: Host) -> None:
    with another_run(host) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with lock.held(host, "evenkeel prove"):
            pass


def test_a_run_waits_as_long_as_it_was_told(host: Host) -> None:
    began = host.clock.monotonic()
    with another_run(host), pytest.raises(LockHeld), lock.held(host, "evenkeel revert", wait_s=30):
        pass
    assert 30 <= host.clock.monotonic() - began < 31


def test_a_lock_file_that_is_a_symlink_leads_nowhere(host: Host, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    os.symlink(victim, host.paths.lock)
    with pytest.raises(OSError), lock.held(host, "evenkeel prove"):
        pass
    assert victim.read_text() == "precious"


def test_leaving_with_an_error_frees_the_lock(host: Host) -> None:
    with pytest.raises(RuntimeError), lock.held(host, "evenkeel prove"):
        raise RuntimeError
    with lock.held(host, "evenkeel prove"):
        pass
