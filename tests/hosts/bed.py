"""Hosts of the test bed for pytest: start them, run a playbook on them, run a program inside, cut their power."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
TESTBED = PROJECT / "testbed" / "testbed"


class Failed(Exception):
    """A program on the controller or on a host did not do what a test needs."""


class Box:
    """One host of the bed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, *argv: str, timeout_s: float = 600, check: bool = True) -> str:
        """What a program on the host printed, as root."""
        return command([str(TESTBED), "exec", self.name, "--", *argv], timeout_s=timeout_s, check=check)

    def copy(self, files: Mapping[str, bytes], folder: str) -> None:
        """Put `files` (by name) into `folder`, which is made."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), 0o644
                archive.addfile(member, io.BytesIO(content))
        self.run("mkdir", "-p", folder)
        command([str(TESTBED), "exec", self.name, "--", "tar", "-C", folder, "-xf", "-"], stdin=packed.getvalue())

    def kill(self) -> None:
        command([str(TESTBED), "kill", self.name])

    def start(self) -> None:
        command([str(TESTBED), "start", self.name])

    @property
    def address(self) -> str:
        return str(connection(self.name)["ansible_host"])


def up(name: str, release: str = "bookworm") -> Box:
    command([str(TESTBED), "up", "%s:%s" % (name, release)])
    return Box(name)


def down(*names: str) -> None:
    command([str(TESTBED), "down", *names])


def connection(name: str) -> dict[str, Any]:
    """How Ansible reaches the host."""
    document = json.loads(command([str(TESTBED), "inventory", name]))
    found: dict[str, Any] = document["all"]["hosts"][name]
    return found


def write_inventory(folder: Path, hosts: list[str], variables: Mapping[str, Any]) -> Path:
    """An inventory of the pool `web` beside its `sites/`."""
    folder.mkdir(parents=True, exist_ok=True)
    web = {"hosts": {name: connection(name) for name in hosts}, "vars": dict(variables)}
    path = folder / "hosts.json"
    path.write_text(json.dumps({"all": {"children": {"web": web}}}, indent=1))
    return path


def play(playbook: str, inventory: Path, *more: str, check: bool = True, timeout_s: float = 600) -> str:
    """What `ansible-playbook` printed."""
    argv = ["ansible-playbook", "--inventory", str(inventory), str(PROJECT / "playbooks" / playbook), *more]
    return command(argv, timeout_s=timeout_s, check=check)


def command(argv: list[str], timeout_s: float = 600, check: bool = True, stdin: bytes | None = None) -> str:
    """Failed, with the last words of the program, unless it ends well."""
    environment = {**os.environ, "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg"), "ANSIBLE_FORCE_COLOR": "false"}
    environment["PATH"] = "%s:%s" % (PROJECT / ".venv" / "bin", environment["PATH"])
    done = subprocess.run(argv, cwd=PROJECT, env=environment, input=stdin, capture_output=True, timeout=timeout_s, check=False)
    text = done.stdout.decode("utf-8", "replace")
    if check and done.returncode != 0:
        raise Failed("%s: exit status %d\n%s" % (" ".join(argv), done.returncode, (text + done.stderr.decode())[-6000:]))
    return text
