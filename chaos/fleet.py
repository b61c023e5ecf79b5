"""The hosts that are struck: set up once, told what to do, asked what they serve."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import bed
from bench.bed import CHECKOUT, BenchFailed

from .truth_copy import Truth

EDGE, WEB, BACKUPS = ("x-edge1", "x-edge2"), ("x-web1", "x-web2"), ("x-backup1",)
HOSTS = (*EDGE, *WEB, *BACKUPS)
PAGES = Path(__file__).parent / "pages"
STATUS = "/usr/local/sbin/evenkeel status --json; echo; cat /var/lib/evenkeel/journal.jsonl"


class Fleet:
    """`folder` gets the inventory of the hosts' addresses and what playbooks say."""

    def __init__(self, truth: Truth, folder: Path) -> None:
        self.truth = truth
        self._folder = folder
        self._addresses: dict[str, str] = {}

    def up(self) -> None:
        """Hosts with their content, published as the truth says; quick where that is so already."""
        self._folder.mkdir(parents=True, exist_ok=True)
        bed.up(HOSTS)
        (self._folder / "testbed.json").write_text(bed.testbed("inventory", *HOSTS), encoding="utf-8")
        self.find()
        pages = [(str(path.relative_to(PAGES)), path.read_text()) for path in sorted(PAGES.rglob("*.*"))]
        for host in (*WEB, *BACKUPS):
            bed.bring(host, pages)
        for playbook in ("certificate.yml", "site.yml", "add_backup.yml"):
            self.must_play(playbook)

    def find(self) -> None:
        """Read where the hosts are; enough where an earlier run has set them up."""
        try:
            document = json.loads((self._folder / "testbed.json").read_text(encoding="utf-8"))
        except OSError as problem:
            raise BenchFailed(f"no run of this seed has left hosts: {problem}") from problem
        self._addresses = {host: variables["ansible_host"] for host, variables in document["all"]["hosts"].items()}

    @property
    def address(self) -> str:
        """The one that the balancers share."""
        return self._addresses[EDGE[0]].rpartition(".")[0] + ".200"

    def addresses(self, hosts: Iterable[str]) -> list[str]:
        return [self._addresses[host] for host in hosts]

    def holder(self) -> str:
        """The balancer that has the shared address; the first one where none, or both, have it."""
        told = self._every(EDGE, "ip -brief address")
        return next((host for host in EDGE if f"{self.address}/" in told[host]), EDGE[0])

    def play(self, playbook: str, *more: str) -> subprocess.Popen[bytes]:
        """A playbook under way; what it says goes to a log of its name."""
        program = Path(sys.executable).with_name("ansible-playbook")
        inventory = ["-i", str(self.truth.hosts), "-i", str(self._folder / "testbed.json")]
        with (self._folder / (Path(playbook).stem + ".log")).open("ab") as log:
            return subprocess.Popen(
                [str(program), *inventory, str(CHECKOUT / "playbooks" / playbook), *more],
                cwd=CHECKOUT,
                env={**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def must_play(self, playbook: str, *more: str) -> None:
        """BenchFailed, with the last words of the playbook, unless it ends well."""
        if self.play(playbook, *more).wait() != 0:
            log = self._folder / (Path(playbook).stem + ".log")
            raise BenchFailed(f"{playbook} failed: " + "\n".join(log.read_text(errors="replace").splitlines()[-15:]))

    def run(self, host: str, commands: Iterable[Sequence[str]]) -> None:
        bed.on(host, "\n".join(shlex.join(command) for command in commands))

    def power(self, wanted: str, hosts: Sequence[str]) -> None:
        """`kill` or `start`."""
        bed.testbed(wanted, *hosts)

    def status(self) -> dict[str, dict[str, Any]]:
        """What each web host says of itself, with its whole `journal`; empty where it says nothing."""
        return {host: _parsed(text) for host, text in self._every((*WEB, *BACKUPS), STATUS).items()}

    def settled(self, limit_s: float) -> dict[str, dict[str, Any]]:
        """The same, as soon as active hosts agree and none waits for a confirmation, or at the end of the time."""
        end = time.monotonic() + limit_s
        while True:
            found = self.status()
            active = [found[host] for host in WEB]
            calm = all(one and not one.get("pending") for one in active)
            if (calm and len({one["current"] for one in active}) == 1) or time.monotonic() > end:
                return found
            time.sleep(0.5)

    def well(self, limit_s: float) -> bool:
        """Whether both balancers find every active host well, and one of them has the address, within the time."""
        end = time.monotonic() + limit_s
        while not self._well():
            if time.monotonic() > end:
                return False
            time.sleep(0.3)
        return True

    def _well(self) -> bool:
        told = self._every(EDGE, "ip -brief address; echo show servers state web | socat - /run/haproxy/admin.sock")
        holders = [host for host in EDGE if f"{self.address}/" in told[host]]
        return len(holders) == 1 and all(_up(text, host) for text in told.values() for host in (*WEB, *BACKUPS))

    def _every(self, hosts: Sequence[str], script: str) -> dict[str, str]:
        with ThreadPoolExecutor(max_workers=len(hosts)) as pool:
            return dict(zip(hosts, pool.map(lambda host: _ask(host, script), hosts), strict=True))


def _ask(host: str, script: str) -> str:
    with contextlib.suppress(BenchFailed):
        return bed.on(host, script.replace("; ", " || true; ") + " || true")
    return ""


def _parsed(text: str) -> dict[str, Any]:
    status, _, journal = text.partition("\n\n")
    with contextlib.suppress(ValueError):
        events = [json.loads(line) for line in journal.splitlines() if line.endswith("}")]
        return {**json.loads(status), "journal": events}
    return {}


def _up(states: str, host: str) -> bool:
    """Field 6 of `show servers state` is 2 for a server that runs (HAProxy's management guide, 9.3)."""
    found = [line.split() for line in states.splitlines() if f" {host} " in line]
    return bool(found) and all(fields[5] == "2" for fields in found)
