"""Reads out of an inventory what there is to watch. Pure: groups and variables in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DOCUMENTATION = r"""
name: watch
short_description: Reads out of an inventory what there is to watch
description:
  - C(watch_hosts) lists the hosts of the known groups with name, address, group, the port of their exporters, and what they show.
  - C(watch_ports) is where a host's own Apache and HAProxy show their figures.
  - C(watch_askers) is where the monitoring hosts ask from.
  - C(watch_addresses) is where visitors come, the addresses that balancers share, or without balancers the pool's hosts.
author: The Evenkeel contributors (@evenkeel)
"""

Groups = Mapping[str, Sequence[str]]
Variables = Mapping[str, Mapping[str, Any]]

SHOWN = {
    "edge": ["node", "haproxy"],
    "web": ["node", "apache"],
    "web_backup": ["node", "apache"],
    "monitoring": ["node", "prometheus", "alertmanager", "blackbox"],
}
PORT = 8406  # the default of the role exporters


def hosts(groups: Groups, hostvars: Variables) -> list[dict[str, Any]]:
    """Each host once, in the order of SHOWN; one of several groups carries the first one's name and shows what all of them do."""
    found: dict[str, dict[str, Any]] = {}
    for group, shown in SHOWN.items():
        for name in groups.get(group, ()):
            port = int(hostvars[name].get("exporters_port", PORT))
            host = {"name": name, "address": _address(name, hostvars), "group": group, "port": port, "modules": []}
            known = found.setdefault(name, host)
            known["modules"] = [*known["modules"], *(one for one in shown if one not in known["modules"])]
    return list(found.values())


def askers(groups: Groups, hostvars: Variables) -> list[str]:
    return [_address(name, hostvars) for name in groups.get("monitoring", ())]


def addresses(groups: Groups, hostvars: Variables) -> list[str]:
    """With balancers, what they share; it may carry a prefix length."""
    balancers = groups.get("edge", ())
    if balancers:
        return [str(text) for text in (hostvars[balancers[0]].get("evenkeel_edge") or {}).get("addresses", ())]
    return [_address(name, hostvars) for name in groups.get("web", ())]


def ports(group_names: Sequence[str], known: Mapping[str, Any]) -> dict[str, int]:
    """Where Apache and HAProxy of one host show their figures on loopback; 0 for what it does not run."""
    web, edge = bool({"web", "web_backup"} & set(group_names)), "edge" in group_names
    listens = str(known.get("haproxy_metrics", "127.0.0.1:8404"))
    return {"apache": int(known.get("apache_port", 80)) if web else 0, "haproxy": int(listens.rpartition(":")[2]) if edge else 0}


def _address(host: str, hostvars: Variables) -> str:
    """Where other hosts reach this one; `evenkeel_address` where Ansible takes another way."""
    known = hostvars[host]
    return str(known.get("evenkeel_address") or known.get("ansible_host") or host)


class FilterModule:
    """Filters for playbooks; they take `groups` and `hostvars`."""

    def filters(self) -> dict[str, Any]:
        return {"watch_hosts": hosts, "watch_askers": askers, "watch_addresses": addresses, "watch_ports": ports}
