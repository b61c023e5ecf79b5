"""How others reach the hosts: as an Ansible inventory (JSON, which is YAML, too) or as an ssh_config."""

from __future__ import annotations

import json
from typing import Dict, List

from . import key
from .host import Host


def ssh_options() -> Dict[str, str]:
    """A host that lost power must be noticed in seconds, not when TCP gives up; its identity is pinned."""
    return {"UserKnownHostsFile": str(key.known_hosts()), "StrictHostKeyChecking": "yes", "HostKeyAlgorithms": "ssh-ed25519",
            "IdentitiesOnly": "yes", "ConnectTimeout": "10", "ServerAliveInterval": "3", "ServerAliveCountMax": "3"}


def variables(host: Host, user: str) -> Dict[str, str]:
    return {"ansible_host": host.address, "ansible_user": user, "ansible_ssh_private_key_file": str(key.private()),
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_common_args": " ".join("-o %s=%s" % pair for pair in ssh_options().items())}


def as_inventory(hosts: List[Host], user: str) -> str:
    entries = {host.name: variables(host, user) for host in hosts}
    return json.dumps({"all": {"hosts": entries}}, indent=2)


def as_ssh_config(hosts: List[Host], user: str) -> str:
    shared = "".join("  %s %s\n" % pair for pair in ssh_options().items())
    return "".join("Host %s\n  HostName %s\n  User %s\n  IdentityFile %s\n%s" % (
        host.name, host.address, user, key.private(), shared) for host in hosts)


def as_table(hosts: List[Host]) -> str:
    rows = [("NAME", "RELEASE", "ADDRESS", "STATE")] + [host[:4] for host in hosts]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def as_json(hosts: List[Host]) -> str:
    return json.dumps([host._asdict() for host in hosts], indent=2)
