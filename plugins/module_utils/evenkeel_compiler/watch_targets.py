"""Whom Prometheus asks, as its files of targets say it: a file for each job. Pure."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import NoValue, Problem, TruthInvalid, shown
from .watch_expect import Expectation
from .watch_modules import name as module_name

MODULES = ("node", "apache", "haproxy", "prometheus", "alertmanager", "blackbox")
Target = dict[str, Any]


@dataclass(frozen=True)
class WatchedHost:
    """A host, the port that shows its figures, and what there is to see (MODULES)."""

    name: str
    address: str
    group: str
    port: int
    modules: tuple[str, ...]


@dataclass(frozen=True)
class WatchedSite:
    """A site that visitors shall find, and what they shall find there."""

    name: str
    server_name: str
    pool: str
    expects: Expectation


def hosts_from(listed: Iterable[Mapping[str, Any]]) -> tuple[WatchedHost, ...]:
    """The hosts as the inventory lists them. TruthInvalid names those that have no address."""
    problems: list[Problem] = []
    hosts = tuple(
        WatchedHost(
            str(host["name"]),
            _address(host, problems),
            str(host["group"]),
            int(host["port"]),
            tuple(one for one in MODULES if one in host["modules"]),
        )
        for host in listed
    )
    if problems:
        raise TruthInvalid(problems)
    return hosts


def _address(host: Mapping[str, Any], problems: list[Problem]) -> str:
    """An address, not a name: what watches must not go blind with DNS."""
    text = str(host.get("address", ""))
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        wanted = "an IP address; name it in `evenkeel_address` where ansible_host is a name"
        problems.append(Problem("inventory", 0, f"{host['name']}.ansible_host", shown((), text or NoValue()), wanted))
        return ""


def files(
    environment: str, hosts: Sequence[WatchedHost], sites: Sequence[WatchedSite], addresses: Sequence[str], scheme: str
) -> dict[str, str]:
    """File name to content. Sites are visited at the first of `addresses`, whose others are only asked whether they answer."""
    jobs = {module: [_host(environment, host) for host in hosts if module in host.modules] for module in MODULES}
    jobs["site"] = [_site(environment, site, addresses[0], scheme) for site in sites] if addresses else []
    port = 443 if scheme == "https" else 80
    jobs["address"] = [
        {"targets": [f"{_in_url(one)}:{port}"], "labels": {"address": one, "environment": environment}} for one in addresses
    ]
    return {f"{job}.json": _json(targets) for job, targets in jobs.items()}


def _host(environment: str, host: WatchedHost) -> Target:
    labels = {"host": host.name, "group": host.group, "environment": environment, "instance": host.name}
    return {"targets": [f"{_in_url(host.address)}:{host.port}"], "labels": labels}


def _site(environment: str, site: WatchedSite, address: str, scheme: str) -> Target:
    labels = {
        "site": site.name,
        "pool": site.pool,
        "environment": environment,
        "__param_hostname": site.server_name,
        "__param_module": module_name(site.expects),
    }
    return {"targets": [f"{scheme}://{_in_url(address)}/"], "labels": labels}


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _json(targets: Sequence[Target]) -> str:
    """One target a line, so that a person can read a diff."""
    lines = ",\n".join(json.dumps(target, sort_keys=True) for target in targets)
    return f"[\n{lines}\n]\n" if targets else "[]\n"
