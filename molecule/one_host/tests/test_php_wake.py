"""A visitor who comes in the very moment in which the only process of a PHP pool is told to end, because it has been idle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

UNIT = "evenkeel-wake.service"
NOBODY = "nobody answered"
# A process that is stopped takes no signal: the one that ends it stays pending, and the moment lasts until the visitor is there.
# It must not last for a second: PHP-FPM would then kill the process, and start another one.
MOMENT = f"""
import os, signal, subprocess, threading, time, urllib.request

def workers():
    found = subprocess.run(["pgrep", "-f", "^php-fpm: pool notes *$"], capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split()]

def is_told_to_end(pid):
    with open("/proc/%d/status" % pid) as stream:
        pending = next(line for line in stream if line.startswith("ShdPnd"))
    return int(pending.split()[1], 16) >> (signal.SIGQUIT - 1) & 1

def ask():
    request = urllib.request.Request("http://127.0.0.1/", headers={{"Host": "notes.example"}})
    return urllib.request.urlopen(request, timeout=4).status

def visit():
    try:
        said.append(ask())
    except OSError:
        said.append("{NOBODY}")

def somebody_waits():
    with open("/proc/net/unix") as stream:
        return any(" 02 " in line and line.endswith("/run/php/notes.sock\\n") for line in stream)

while workers():
    time.sleep(0.1)
said = []
ask()
(pid,) = workers()
os.kill(pid, signal.SIGSTOP)
while not is_told_to_end(pid):
    time.sleep(0.01)
visitor = threading.Thread(target=visit)
visitor.start()
while not somebody_waits():
    time.sleep(0.01)
os.kill(pid, signal.SIGCONT)
visitor.join()
print(*said)
"""


def visited(host: Any) -> str:
    """What came of the visit."""
    with host.sudo():
        return str(host.check_output("timeout 100 python3 -c %s", MOMENT)).strip()


@pytest.fixture
def nobody_wakes(host: Any) -> Iterator[None]:
    with host.sudo():
        host.check_output("systemctl stop " + UNIT)
    yield
    with host.sudo():
        host.check_output("systemctl start " + UNIT)


def test_a_visitor_is_answered_all_the_same(host: Any) -> None:
    assert visited(host) == "200"


@pytest.mark.usefixtures("nobody_wakes")
def test_without_the_unit_nobody_answers(host: Any) -> None:
    """The day this fails, PHP-FPM needs no help any more."""
    assert visited(host) == NOBODY


def test_the_unit_follows_a_boot_and_is_nobody(host: Any) -> None:
    unit = host.service(UNIT)
    assert unit.is_enabled
    assert unit.is_running
    assert host.process.get(pid=int(unit.systemd_properties["MainPID"])).user not in ("root", "www-data")
