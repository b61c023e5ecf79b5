"""Reads out of an inventory who watches rollouts and who is watched. Pure: groups and variables in, plain data out."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

DOCUMENTATION = r"""
name: watched
short_description: Reads out of an inventory who watches rollouts and who is watched
description:
  - C(watch_keys) lists monitoring hosts with address and public key.
  - C(watch_reached) lists balancers and web hosts with how they are reached over ssh and by which key they are known.
  - C(watched_sites) is the pool of each site that Prometheus visits, out of its list of targets.
author: The Evenkeel contributors (@evenkeel)
"""

Groups = Mapping[str, Sequence[str]]
Variables = Mapping[str, Mapping[str, Any]]
TIERS = {"edge": "edge", "web": "web"}  # groups; backups follow what is known good, so that nobody takes them back


def keys(hosts: Iterable[str], hostvars: Variables) -> list[dict[str, str]]:
    """Those without a key yet, as in a run with --check, are left out."""
    found = [(host, (hostvars[host].get("watch_user") or {}).get("ssh_public_key", "")) for host in hosts]
    return [{"name": host, "address": _address(host, hostvars), "key": key} for host, key in found if key]


def reached(groups: Groups, hostvars: Variables) -> list[dict[str, Any]]:
    """A host that was not asked has no `host_key`, which the role refuses by name."""
    named = ((host, group) for group in TIERS for host in groups.get(group, ()))
    return [
        {
            "name": host,
            "address": _address(host, hostvars),
            "port": int(hostvars[host].get("ansible_port", 22)),
            "host_key": _host_key(hostvars[host]),
            "tier": TIERS[group],
            "pool": group,
        }
        for host, group in named
    ]


def sites(targets: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """By site, its pool."""
    labels = (target.get("labels") or {} for target in targets)
    return {str(one["site"]): str(one.get("pool", "")) for one in labels if "site" in one}


def _host_key(known: Mapping[str, Any]) -> str:
    content = (known.get("watch_host_key") or {}).get("content", "")
    return " ".join(base64.b64decode(content).decode("ascii", "replace").split()[:2])


def _address(host: str, hostvars: Variables) -> str:
    """Where other hosts reach this one; `evenkeel_address` where Ansible takes another way."""
    known = hostvars[host]
    return str(known.get("evenkeel_address") or known.get("ansible_host") or host)


class FilterModule:
    """Filters for playbooks; they take hosts or groups, and `hostvars`."""

    def filters(self) -> dict[str, Any]:
        return {"watch_keys": keys, "watch_reached": reached, "watched_sites": sites}
