"""What a scenario does on the controller, and what a visitor sees: truths, pushes and requests."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

from tests.hosts.bed import PROJECT, connection

RESOURCES = PROJECT / "molecule" / "resources"
BED = PROJECT / "build" / "testbed" / os.environ.get("EVENKEEL_BED", "")
SITES = ("brochure", "notes", "till")


class Truth:
    """A copy of the scenarios' sites, to be changed."""

    def __init__(self, folder: Path, debian: str = "bookworm") -> None:
        self.folder = folder / "scenarios"
        self.inventory = RESOURCES / debian / "hosts.yml"
        shutil.copytree(RESOURCES / "sites", self.folder / "sites")

    def write(self, path: str, text: str) -> Truth:
        target = self.folder / "sites" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return self

    def replace(self, path: str, old: str, new: str) -> Truth:
        return self.write(path, (self.folder / "sites" / path).read_text().replace(old, new))

    def command(self, playbook: str, *more: str) -> list[str]:
        argv = ["ansible-playbook", str(PROJECT / "playbooks" / playbook), *more]
        argv += ["--inventory", str(self.inventory), "--inventory", str(BED / "hosts.json")]
        return [*argv, "--extra-vars", "rollout_inventory=%s" % self.folder]

    def push(self, *more: str, playbook: str = "push.yml") -> Push:
        done = subprocess.run(
            self.command(playbook, *more), cwd=PROJECT, env=environment(), capture_output=True, text=True, check=False
        )
        return Push(done.returncode, done.stdout + done.stderr)

    def dying_controller(self, *more: str) -> subprocess.Popen[bytes]:
        """A push in a process group of its own, to be killed."""
        argv = self.command("push.yml", *more)
        return subprocess.Popen(argv, cwd=PROJECT, env=environment(), stdout=subprocess.DEVNULL, start_new_session=True)


@dataclass(frozen=True)
class Push:
    """How a playbook ended."""

    code: int
    text: str

    @property
    def changed(self) -> int:
        """Tasks that changed a host, of the recap."""
        return sum(int(number) for number in re.findall(r"changed=(\d+)", self.text))


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def environment() -> dict[str, str]:
    """As `make` gives it, with a callback that prints a recap."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MOLECULE_"))},
        "PATH": "%s:%s" % (PROJECT / ".venv" / "bin", os.environ["PATH"]),
        "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg"),
        "ANSIBLE_STDOUT_CALLBACK": "default",
        "ANSIBLE_FORCE_COLOR": "false",
    }


def get(host: str, site: str, path: str = "/", timeout_s: float = 10) -> requests.Response:
    """What a visitor of the site gets from this host."""
    return requests.get(
        "http://%s%s" % (connection(host)["ansible_host"], path),
        headers={"Host": site if "." in site else site + ".example"},
        timeout=timeout_s,
        allow_redirects=False,
    )


class Visitors:
    """A stream of requests to every site for as long as a block runs; `failed` tells each one that went wrong."""

    def __init__(self, host: str) -> None:
        self._address = connection(host)["ansible_host"]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(site,)) for site in SITES]
        self.requests = 0
        self.failed: list[str] = []

    def __enter__(self) -> Visitors:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _visit(self, site: str) -> None:
        while not self._stop.wait(0.03):
            self.requests += 1
            try:
                answer = requests.get("http://%s/" % self._address, headers={"Host": site + ".example"}, timeout=10)
            except requests.RequestException as error:
                self.failed.append("%s: %s" % (site, error))
                continue
            if answer.status_code != 200 or site not in answer.text.lower():
                self.failed.append("%s: %d %s" % (site, answer.status_code, answer.text[:80]))


def wait_until(condition: Any, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


def status(host: Any) -> dict[str, Any]:
    """`evenkeel status --json` of a testinfra host."""
    with host.sudo():
        found: dict[str, Any] = json.loads(host.run("evenkeel status --json").stdout)
    return found
