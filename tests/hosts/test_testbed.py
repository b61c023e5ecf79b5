"""What the test bed promises of its hosts, where it could be otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import bed

HOST = "slow1"
SECONDS = 3
BUSY = f"""
import resource, subprocess
subprocess.run(["timeout", "{SECONDS}", "sh", "-c", "while :; do :; done"])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime)
"""

pytestmark = pytest.mark.hosts


@pytest.fixture
def box() -> Iterator[bed.Box]:
    try:
        yield bed.up(HOST)
    finally:
        bed.down(HOST)


def test_a_slow_host_stays_slow_until_it_is_told_otherwise(box: bed.Box) -> None:
    limited(0.1)
    slow = used(box)
    limited(0)
    assert slow < 0.2 * SECONDS
    assert used(box) > slow


def limited(cpus: float) -> None:
    bed.command([str(bed.TESTBED), "limit", HOST, "--cpus", str(cpus)])


def used(box: bed.Box) -> float:
    """Seconds of processor that a program gets that never waits; its parent is the host's init."""
    return float(box.run("systemd-run", "--quiet", "--wait", "--pipe", "python3", "-c", BUSY))
