"""The hosts that are struck: set up once, told what to do, asked what they serve."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import bed
from bench.bed import CHECKOUT, BenchFailed

from . import look
from .look import Look
from .truth_copy import Truth

EDGE, WEB, BACKUPS = ("x-edge1", "x-edge2"), ("x-web1", "x-web2"), ("x-backup1",)
HOSTS = (*EDGE, *WEB, *BACKUPS)
POLL_S = 0.5
PAGES = Path(__file__).parent / "pages"
STATUS = "/usr/local/sbin/evenkeel status --json; echo; "
WEB_SAYS = STATUS + "cat /var/lib/evenkeel/journal.jsonl"
EDGE_SAYS = STATUS + "ip -brief address; echo show servers state web | socat - /run/haproxy/admin.sock"


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
        told = _every(dict.fromkeys(EDGE, "ip -brief address"))
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

    def look(self) -> Look:
        told = _every({**dict.fromkeys((*WEB, *BACKUPS), WEB_SAYS), **dict.fromkeys(EDGE, EDGE_SAYS)})
        webs = {host: look.web(told[host]) for host in (*WEB, *BACKUPS)}
        return Look(webs, {host: look.balancer(told[host], self.address) for host in EDGE}, WEB)

    def settled(self, limit_s: float) -> Look:
        """How the fleet is as soon as nothing changes any more, or at the end of the time."""
        end = time.monotonic() + limit_s
        while True:
            seen = self.look()
            if seen.over or time.monotonic() > end:
                return seen
            time.sleep(POLL_S)


def _every(scripts: Mapping[str, str]) -> dict[str, str]:
    """What each host answers to its script."""
    with ThreadPoolExecutor(max_workers=len(scripts)) as pool:
        return dict(zip(scripts, pool.map(_ask, scripts, scripts.values()), strict=True))


def _ask(host: str, script: str) -> str:
    with contextlib.suppress(BenchFailed):
        return bed.on(host, script.replace("; ", " || true; ") + " || true")
    return ""
