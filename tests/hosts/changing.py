"""A fleet whose inventory is edited, as a person would: who is in which group, and what the sites are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.hosts.bed import PROJECT, Box, command
from tests.hosts.fleet import BED

SCENARIO = PROJECT / "molecule" / "fleet"


class Fleet:
    """The scenario's own truth in a copy; `balancers` stay the same."""

    def __init__(self, folder: Path, balancers: Sequence[str]) -> None:
        self._folder = folder / "fleet"
        self._balancers = balancers
        shutil.copytree(SCENARIO, self._folder, ignore=shutil.ignore_patterns("tests"))
        self.inventory = self._folder / "inventory"

    def has(self, web: Sequence[str], backup: Sequence[str] = ()) -> Fleet:
        """Write hosts.yml (JSON is YAML, too)."""
        groups = {"web": web, "web_backup": backup, "edge": self._balancers}
        text = json.dumps({group: {"hosts": {host: {} for host in hosts}} for group, hosts in groups.items()})
        (self.inventory / "hosts.yml").write_text(text)
        return self

    def setting(self, site: str, path: str, text: str) -> Fleet:
        """A settings file of a site."""
        target = self.inventory / "sites" / site / "settings" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return self

    def play(self, playbook: str, *more: str, check: bool = True) -> str:
        """What the playbook printed; `bed.Failed` unless it ends well, or nobody checks."""
        argv = ["ansible-playbook", str(PROJECT / "playbooks" / playbook), *more]
        argv += ["--inventory", str(self.inventory / "hosts.yml"), "--inventory", str(BED / "hosts.json")]
        return command([*argv, "--extra-vars", f"rollout_inventory={self.inventory}"], check=check)


def release_of(host: str) -> str:
    """What a web host serves and has confirmed."""
    told: dict[str, Any] = json.loads(Box(host).run("evenkeel", "status", "--json", check=False))
    assert told["confirmed"], told
    return str(told["current"])


def answerers(balancer: str, asked: int = 6) -> set[str]:
    """Which web hosts answer visitors of this balancer, which tells so to itself."""
    url = ["--resolve", "alpha.example:443:127.0.0.1", "https://alpha.example/"]
    curl = ["curl", "-sk", "-o", "/dev/null", "-w", "%header{evenkeel-server}", *url]
    return {Box(balancer).run(*curl).strip() for _ in range(asked)}


def servers_of(balancer: str) -> set[str]:
    """Web hosts that a balancer's HAProxy knows."""
    ask = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/haproxy/admin.sock'); s.sendall(b'show stat\\n'); "
    ask += "print(b''.join(iter(lambda: s.recv(65536), b'')).decode())"
    rows = [line.split(",") for line in Box(balancer).run("python3", "-c", ask).splitlines() if line.startswith("web,")]
    return {row[1] for row in rows} - {"BACKEND"}
