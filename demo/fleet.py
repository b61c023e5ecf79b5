"""The hosts of the demo: started and killed by the test bed, looked at over ssh."""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
TESTBED = CHECKOUT / "testbed" / "testbed"
EDGE = ("edge1", "edge2")
WEB = ("web1", "web2")
BACKUPS = ("backup1",)
HOSTS = (*EDGE, *WEB, *BACKUPS, "db1")
NEWCOMER = "backup2"  # the server that is added while visitors come
SHARED = 200  # last number of the address that both balancers have; the test bed gives it to no host
SHOW_STAT = "echo show stat | sudo socat - /run/haproxy/admin.sock"
TOTALS = ("FRONTEND", "BACKEND")
STATUS = "test ! -x /usr/local/sbin/evenkeel || sudo /usr/local/sbin/evenkeel status --json || true"


class DemoFailed(Exception):
    """The demo cannot go on; the message says why and what to do."""


def testbed(*arguments: str, shows: bool = False) -> str:
    """What the test bed answers; with `shows`, what it says meanwhile goes to the screen."""
    done = subprocess.run(
        [str(TESTBED), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if shows else subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        why = (done.stderr or "see above").strip()
        raise DemoFailed(f"'testbed {' '.join(arguments)}' failed: {why}")
    return done.stdout


class Fleet:
    """The hosts, and how to reach them. `folder` gets the inventory of their addresses."""

    def __init__(self, folder: Path) -> None:
        self.inventory = folder / "testbed.json"
        self._variables: dict[str, dict[str, str]] = {}

    def up(self, *hosts: str) -> None:
        """Have these hosts, beside those that are there; all of them get into the inventory."""
        testbed("up", *hosts, shows=True)
        text = testbed("inventory", *{**self._variables, **dict.fromkeys(hosts)})
        self._variables = json.loads(text)["all"]["hosts"]
        self.inventory.parent.mkdir(parents=True, exist_ok=True)
        self.inventory.write_text(text, encoding="utf-8")

    def address(self, host: str) -> str:
        return self._variables[host]["ansible_host"]

    @property
    def shared_address(self) -> str:
        """Where visitors come to, whichever balancer has it."""
        return self._in_network(SHARED)

    @property
    def visitors_address(self) -> str:
        """Where visitors come from: this machine, as the hosts see it."""
        return self._in_network(1)

    def _in_network(self, number: int) -> str:
        return f"{self.address(EDGE[0]).rpartition('.')[0]}.{number}"

    def run(self, host: str, command: str, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """`command` in the host's shell; its exit status is the caller's to judge (255: not reached)."""
        return subprocess.run(
            [*self._ssh(host), command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def read(self, host: str, path: str) -> str:
        done = self.run(host, "cat " + shlex.quote(path))
        if done.returncode:
            raise DemoFailed(f"{host} has no {path}: {done.stderr.strip()}")
        return done.stdout

    def status(self, host: str) -> dict[str, Any]:
        """What `evenkeel status --json` says there; empty when it says nothing or the host cannot be reached."""
        try:
            return dict(json.loads(self.run(host, STATUS).stdout or "{}"))
        except (ValueError, subprocess.TimeoutExpired):
            return {}

    def current(self, host: str) -> str:
        return str(self.status(host).get("current") or "")

    def holder(self) -> str:
        """The balancer that has the shared address."""
        for balancer in EDGE:
            if f" {self.shared_address}/" in self.run(balancer, "ip -brief address").stdout:
                return balancer
        raise DemoFailed(f"Neither of {' and '.join(EDGE)} has the shared address {self.shared_address}.")

    def rotation(self, balancer: str) -> dict[str, str]:
        """What a balancer says of each web host, as `show stat` spells it; empty when it says nothing."""
        rows = csv.DictReader(self.run(balancer, SHOW_STAT).stdout.removeprefix("# ").splitlines())
        return {row["svname"]: row["status"] for row in rows if row["pxname"] == "web" and row["svname"] not in TOTALS}

    def watch(self, host: str) -> Watch:
        return Watch(self._ssh(host))

    def _ssh(self, host: str) -> list[str]:
        there = self._variables[host]
        key = ["-i", there["ansible_ssh_private_key_file"], "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]
        options = shlex.split(there["ansible_ssh_common_args"])
        return ["ssh", *key, *options, f"{there['ansible_user']}@{there['ansible_host']}"]


class Watch:
    """Tells within a few hundredths of a second that `current` of a host has moved."""

    LOOP = "while sleep 0.02; do readlink /etc/evenkeel/current || echo none; done"

    def __init__(self, ssh: list[str]) -> None:
        self._process = subprocess.Popen(
            [*ssh, self.LOOP], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def next(self) -> str:
        """Where `current` points to now; empty when the host does not say any more."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip().rpartition("/")[2]

    def until(self, wanted: Callable[[str], bool], limit_s: float) -> bool:
        """True as soon as `wanted` likes where `current` points to; False when the time or the host is gone."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            seen = self.next()
            if not seen or wanted(seen):
                return bool(seen)
        return False

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def wait_until(true: Callable[[], bool], limit_s: float, pause_s: float = 0.3) -> bool:
    end = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(pause_s)
    return True
