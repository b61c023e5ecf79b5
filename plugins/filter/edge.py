"""Reads out of an inventory who the balancers are and whom they balance. Pure: groups and variables in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DOCUMENTATION = r"""
name: edge
short_description: Reads out of an inventory who the balancers are and whom they balance
description:
  - C(edge_balancers) lists the hosts of a group with name, address and network interface.
  - C(edge_pools) lists every group whose hosts have an C(evenkeel_pool) of the group's name, with its settings and its web hosts;
    those of the group C(<pool>_backup) are backups.
  - C(edge_addresses) is where other hosts reach these.
  - C(behind_edge) adds the balancers' addresses to the settings of a pool.
author: The Evenkeel contributors (@evenkeel)
"""

Groups = Mapping[str, Sequence[str]]
Variables = Mapping[str, Mapping[str, Any]]


def balancers(groups: Groups, hostvars: Variables, group: str = "edge") -> list[dict[str, Any]]:
    """The balancers in the inventory's order, which is the order in which they are preferred."""
    return [
        {"name": host, "address": address(host, hostvars), "interface": hostvars[host].get("evenkeel_interface", "")}
        for host in groups.get(group, ())
    ]


def pools(groups: Groups, hostvars: Variables) -> list[dict[str, Any]]:
    """Settings and servers of each pool, ordered by name."""
    found = _pools(groups, hostvars)
    return [{"settings": _settings(hosts, hostvars), "servers": _servers(name, groups, hostvars)} for name, hosts in found]


def behind(pool: Mapping[str, Any], groups: Groups, hostvars: Variables, group: str = "edge") -> dict[str, Any]:
    """The settings of a pool with the addresses of the environment's balancers, beside those that it names itself."""
    ours = [one["address"] for one in balancers(groups, hostvars, group)]
    if not (pool and ours):  # a pool that nobody has described stays empty, and is told
        return dict(pool)
    return {**pool, "balancers": list(dict.fromkeys([*(pool.get("balancers") or []), *ours]))}


def address(host: str, hostvars: Variables) -> str:
    """Where other hosts reach this one; `evenkeel_address` where Ansible takes another way."""
    known = hostvars[host]
    return str(known.get("evenkeel_address") or known.get("ansible_host") or host)


def _pools(groups: Groups, hostvars: Variables) -> list[tuple[str, Sequence[str]]]:
    named = ((name, hosts) for name, hosts in sorted(groups.items()) if hosts)
    return [(name, hosts) for name, hosts in named if _settings(hosts, hostvars).get("name") == name]


def _settings(hosts: Sequence[str], hostvars: Variables) -> dict[str, Any]:
    return dict(hostvars[hosts[0]].get("evenkeel_pool") or {})


def _servers(pool: str, groups: Groups, hostvars: Variables) -> list[dict[str, Any]]:
    active, backups = groups[pool], groups.get(f"{pool}_backup", ())
    listed = [(host, False) for host in active] + [(host, True) for host in backups if host not in active]
    return [
        {"name": host, "address": address(host, hostvars), "port": hostvars[host].get("apache_port", 80), "backup": backup}
        for host, backup in listed
    ]


class FilterModule:
    """Filters for playbooks; they take `groups` and `hostvars`."""

    def filters(self) -> dict[str, Any]:
        addresses = {"edge_addresses": lambda hosts, hostvars: [address(host, hostvars) for host in hosts]}
        return {**addresses, "edge_balancers": balancers, "edge_pools": pools, "behind_edge": behind}
