"""Decides how a rollout travels: who gets it when, who is passed over, and what is asked of whom on the way. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: rollout_plan
short_description: Decides how a rollout travels
description:
  - C(rollout_settings) is C(evenkeel_rollout) with its defaults, checked.
  - C(rollout_mistake) says what is wrong in it, so that a run can refuse it before it asks a host; empty where nothing is.
  - C(rollout_plan) says of the hosts that were asked to prove a release who is due, in which batches, and who is down.
  - C(rollout_share) deals items out to hosts, so that each host cares for some of them.
  - C(rollout_broken_before) lists the probes that failed on any of the hosts before the rollout, too.
  - C(rollout_probes) chooses what is asked through balancers.
author: The Evenkeel contributors (@evenkeel)
"""

DEFAULTS: dict[str, Any] = {
    "batches": [1, "25%", "100%"],
    "soak_s": 20,
    "deadline_s": 120,
    "drain_s": 15,
    "down_percent": 34,
    "adopt_drift": "ask",
}
LIMITS = {"soak_s": (0, 86400), "deadline_s": (10, 86400), "drain_s": (0, 3600), "down_percent": (0, 99)}
CHOICES = {"adopt_drift": ("ask", "keep", "overwrite")}
FEW_SITES = 20
# While a host waits for the others, a batch goes live, and one host of it is asked through a balancer. Each takes about as long
# as proving the release did, on as many hosts at once as Ansible forks for. Otherwise it is heard every eighth of its deadline.
PATIENCE = 3
FORWARDED = "x-forwarded-proto"

Answer = Mapping[str, Any]
Probe = Mapping[str, Any]


def settings(given: Any, **extra: Any) -> dict[str, Any]:
    """`evenkeel_rollout` of the inventory, with what `-e` says over it. AnsibleFilterError names a field that is wrong."""
    if not isinstance(given or {}, Mapping):
        raise AnsibleFilterError(f"evenkeel_rollout is {given!r}; write a mapping of {', '.join(DEFAULTS)}.")
    said = {**(given or {}), **{name: value for name, value in extra.items() if value not in (None, "")}}
    unknown = sorted(set(said) - set(DEFAULTS))
    if unknown:
        raise AnsibleFilterError(f"evenkeel_rollout knows no {', '.join(unknown)}; it has {', '.join(DEFAULTS)}.")
    return {name: _checked(name, said.get(name, default)) for name, default in DEFAULTS.items()}


def mistake(given: Any, **extra: Any) -> str:
    """What `settings` would stumble over; empty where nothing is wrong."""
    try:
        settings(given, **extra)
    except AnsibleFilterError as error:
        return str(error.message)
    return ""


def _checked(name: str, value: Any) -> Any:
    if name == "batches":
        sizes = list(value) if isinstance(value, (list, tuple)) else str(value).split(",")
        for size in sizes or [""]:
            batch_size(size, 100)
        return sizes
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise AnsibleFilterError(f"{name} of evenkeel_rollout is {value!r}; allowed are {', '.join(CHOICES[name])}.")
        return value
    low, high = LIMITS[name]
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = low - 1
    if isinstance(value, bool) or not low <= number <= high:
        raise AnsibleFilterError(f"{name} of evenkeel_rollout is {value!r}; a whole number from {low} to {high} is allowed.")
    return number


def batch_size(size: Any, count: int) -> int:
    """How many of `count` hosts `size` means: a number, or a share such as 25%, which is one host at least."""
    text = str(size).strip()
    share, number = text.endswith("%"), text.rstrip("%").strip()
    if isinstance(size, bool) or not number.isdigit() or int(number) < 1 or (share and int(number) > 100):
        raise AnsibleFilterError(f"batches of evenkeel_rollout holds {size!r}; write numbers of hosts or shares such as 25%.")
    return max(1, math.floor(count * int(number) / 100)) if share else int(number)


def batches(hosts: Sequence[str], sizes: Sequence[Any]) -> list[list[str]]:
    """`hosts` in order, cut into batches; the last size is repeated until all have one."""
    cut: list[list[str]] = []
    left = list(hosts)
    while left:
        size = batch_size(sizes[min(len(cut), len(sizes) - 1)], len(hosts))
        cut.append(left[:size])
        left = left[size:]
    return cut


def plan(
    hostvars: Mapping[str, Any],
    hosts: Sequence[str],
    chosen: Mapping[str, Any],
    may_be_down: bool,
    down_ok: bool = False,
    forks: int = 1,
) -> dict[str, Any]:
    """`batches` of due hosts, hosts that are `well` and have the release, hosts that are `down`, and `doubts`; `deadline_s` is
    the one that was chosen, or as many seconds more as a release needs that takes long to prove, `forks` hosts at once.

    A host is down when it could not be reached. With `may_be_down`, balancers can keep visitors from it until it has caught up.
    """
    answers = {host: hostvars[host].get("rollout_proved") or {} for host in hosts}
    silent = [host for host in hosts if answers[host].get("unreachable")]
    down = silent if may_be_down else []
    due = [host for host in hosts if answers[host].get("outcome") in ("proved", "planned")]
    cut = batches(due, chosen["batches"])
    return {
        "batches": cut,
        "deadline_s": max(chosen["deadline_s"], _needed_s([answers[host] for host in due], cut, forks)),
        "due": due,
        "well": [host for host in hosts if answers[host].get("outcome") == "unchanged"],
        "down": down,
        "doubts": [] if down_ok else _too_many_down(down, hosts, chosen["down_percent"]),
    }


def _needed_s(proofs: Iterable[Answer], cut: Iterable[Sequence[str]], forks: int) -> int:
    slowest = max((sum((proof.get("seconds") or {}).values()) for proof in proofs), default=0)
    turns = max((math.ceil(len(batch) / max(forks, 1)) for batch in cut), default=0)
    return math.ceil(PATIENCE * slowest * turns)


def _too_many_down(down: Sequence[str], hosts: Sequence[str], percent: int) -> list[str]:
    if not down or (len(down) < len(hosts) and 100 * len(down) <= percent * len(hosts)):
        return []
    return [
        f"{', '.join(down)}: could not be reached, which is more than {percent} % of the pool, so that too few would be left; "
        "bring them up, or push with -e down_ok=true"
    ]


def share(items: Sequence[Any], hosts: Sequence[str], host: str) -> list[Any]:
    """Those of `items` that `host` cares for: every host of the play some of them, so that they are done at once."""
    return list(items)[list(hosts).index(host) :: len(hosts)] if host in hosts else []


def touched_sites(hostvars: Mapping[str, Any], hosts: Iterable[str]) -> list[str]:
    """Sites that differ on any of the hosts."""
    found = (hostvars[host].get("rollout_proved") or {} for host in hosts)
    return sorted({site for answer in found for site in answer.get("touched") or []})


def broken_before(hostvars: Mapping[str, Any], hosts: Iterable[str]) -> list[tuple[str, str]]:
    """`(site, name of the probe)` of what failed on any of the hosts before the rollout, too."""
    verdicts = ((hostvars[host].get("rollout_proved") or {}).get("verdict") or {} for host in hosts)
    return sorted({(str(one["site"]), str(one["probe"])) for verdict in verdicts for one in verdict.get("known") or []})


def through_balancers(
    probes: Mapping[str, Sequence[Probe]], sites: Sequence[str], known: Iterable[Sequence[str]] = ()
) -> list[dict[str, Any]]:
    """What is asked of a host through a balancer: every page that is only read, or the front pages where many sites changed.

    Of `known`, pairs of site and probe, nothing is asked: another host may serve them well, and that is not this rollout's doing.
    """
    passed_over = {tuple(pair) for pair in known}
    return [
        {**probe, "site": site, "tls": _is_forwarded(probe), "headers": _own_headers(probe)}
        for site in sites
        for probe in probes.get(site, ())
        if _only_reads(probe) and (len(sites) <= FEW_SITES or probe["path"] == "/") and (site, probe["name"]) not in passed_over
    ]


def _only_reads(probe: Probe) -> bool:
    return probe.get("method", "GET") == "GET" and not probe.get("body") and not probe.get("body_kb")


def _is_forwarded(probe: Probe) -> bool:
    """A site of which visitors get nothing over plain HTTP is probed as if a balancer had ended TLS."""
    return any(name.lower() == FORWARDED and value == "https" for name, value in (probe.get("headers") or {}).items())


def _own_headers(probe: Probe) -> dict[str, str]:
    return {name: value for name, value in (probe.get("headers") or {}).items() if name.lower() != FORWARDED}


class FilterModule:
    """Filters for playbooks."""

    def filters(self) -> dict[str, Any]:
        return {
            "rollout_settings": settings,
            "rollout_mistake": mistake,
            "rollout_plan": plan,
            "rollout_share": share,
            "rollout_touched": touched_sites,
            "rollout_broken_before": broken_before,
            "rollout_probes": through_balancers,
        }
