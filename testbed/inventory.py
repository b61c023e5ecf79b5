"""How others reach the hosts: as an Ansible inventory (JSON, which is YAML, too) or as an ssh_config."""

from __future__ import annotations

import json

from . import bed, key
from .host import Host, all_hosts


def ssh_options() -> dict[str, str]:
    """A host that lost power must be noticed in seconds, not when TCP gives up; its identity is pinned."""
    return {"UserKnownHostsFile": str(key.known_hosts()), "StrictHostKeyChecking": "yes",
            "HostKeyAlgorithms": "ssh-ed25519", "IdentitiesOnly": "yes",
            "ConnectTimeout": "10", "ServerAliveInterval": "3", "ServerAliveCountMax": "3"}


def variables(host: Host, user: str) -> dict[str, str]:
    return {"ansible_host": host.address, "ansible_user": user, "ansible_ssh_private_key_file": str(key.private()),
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_common_args": " ".join("-o {}={}".format(*pair) for pair in ssh_options().items())}


def as_inventory(hosts: list[Host], user: str) -> str:
    entries = {host.name: variables(host, user) for host in hosts}
    return json.dumps({"all": {"hosts": entries}}, indent=2)


def as_ssh_config(hosts: list[Host], user: str) -> str:
    shared = "".join("  {} {}\n".format(*pair) for pair in ssh_options().items())
    mine = "Host {}\n  HostName {}\n  User {}\n  IdentityFile {}\n"
    return "".join(mine.format(host.name, host.address, user, key.private()) + shared for host in hosts)


def write() -> None:
    """Keep `hosts.json` and `ssh_config` beside the key equal to the bed, for whoever only reads files."""
    hosts = all_hosts()
    for name, text in (("hosts.json", as_inventory(hosts, "ops") + "\n"), ("ssh_config", as_ssh_config(hosts, "ops"))):
        fresh = bed.folder() / (name + ".new")
        fresh.write_text(text, encoding="utf-8")
        bed.give_back(fresh).replace(bed.folder() / name)


def as_table(hosts: list[Host]) -> str:
    rows = [("NAME", "RELEASE", "ADDRESS", "STATE")] + [host[:4] for host in hosts]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def as_json(hosts: list[Host]) -> str:
    return json.dumps([host._asdict() for host in hosts], indent=2)
