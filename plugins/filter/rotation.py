"""Says who gets visitors, from what balancers answer. Pure: registered loops of `haproxy_info` over balancers in, plans out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

DOCUMENTATION = r"""
name: rotation
short_description: Says who gets visitors, from what balancers answer
description:
  - Each filter takes what a loop of M(haproxy_info) over the balancers registered; the loop's variable is C(balancer).
  - C(rotation_silent) lists balancers that did not answer, each with its reason.
  - C(rotation_batches) says which hosts may change at once, and which of them must be drained.
  - C(rotation_spared) lists hosts that can be drained, because others stay.
  - C(rotation_strangers) lists hosts that a balancer does not know in the part that the inventory gives them.
  - C(rotation_departed) lists servers that the inventory no longer names.
  - C(rotation_in) lists hosts that every balancer sends visitors to, or would if no active one were left.
  - C(rotation_out) lists hosts that a balancer sends no visitors to because somebody said so.
  - C(rotation_failed_over) lists pools whose visitors were sent to the backups by hand.
  - C(rotation_unseen) lists hosts that a balancer sends no visitors to because nobody has seen them serve yet.
  - C(rotation_unfit) says why hosts could not take all visitors.
author: The Evenkeel contributors (@evenkeel)
"""

Answer = Mapping[str, Any]
Server = Mapping[str, Any]


def silent(answers: Answer) -> list[str]:
    """`edge2 (why)` for each balancer that did not answer."""
    return [f"{one['balancer']} ({_why(one)})" for one in answers.get("results") or [] if not _answered(one)]


def batches(hosts: Sequence[str], answers: Answer) -> list[dict[str, Any]]:
    """Hosts that change together, as `hosts` and `drain`.

    Backups idle while an active server is up, and a host that nobody knows is idle, too: all of these change at once. Those
    that carry visitors change one by one, and out of rotation as long as another host stays.
    """
    heard = list(_heard(answers).values())
    over = failed_over(answers)
    carrying = [host for host in hosts if any(host in _carriers(servers, over) for servers in heard)]
    idle = [host for host in hosts if host not in carrying]
    together = [{"hosts": idle, "drain": False}] if idle else []
    return together + [{"hosts": [host], "drain": all(_others(host, servers) for servers in heard)} for host in carrying]


def spared(hosts: Sequence[str], answers: Answer) -> list[str]:
    """Hosts that every balancer knows, and could do without."""
    heard = list(_heard(answers).values())
    names = [{server["name"] for server in servers} for servers in heard]
    return [host for host in hosts if all(host in known for known in names) and all(_others(host, each) for each in heard)]


def strangers(hosts: Sequence[str], answers: Answer, backups: Sequence[str]) -> list[str]:
    """Hosts that are no server of some balancer, or are an active one there and one of `backups` here, or the other way round."""
    known = [{(server["name"], server["backup"]) for server in servers} for servers in _heard(answers).values()]
    return [host for host in hosts if any((host, host in backups) not in servers for servers in known)]


def departed(answers: Answer, hosts: Iterable[str]) -> list[str]:
    """Servers that some balancer has, and the inventory has not."""
    return sorted({server["name"] for servers in _heard(answers).values() for server in servers} - set(hosts))


def getting(hosts: Sequence[str], answers: Answer) -> list[str]:
    """Hosts that get visitors on every balancer, or would if no active one were left."""
    heard = list(_heard(answers).values())
    return [host for host in hosts if all(any(host == each["name"] and _ready(each) for each in servers) for servers in heard)]


def out(hosts: Sequence[str], answers: Answer) -> list[str]:
    """Hosts that some balancer knows, and sends nobody to because it was told so."""
    told = {server["name"] for servers in _heard(answers).values() for server in servers if server["admin"] != "ready"}
    return [host for host in hosts if host in told]


def unseen(hosts: Sequence[str], answers: Answer) -> list[str]:
    """Hosts that some balancer sends nobody to because nobody has seen them serve yet."""
    told: set[str] = set().union(*(one.get("unseen") or [] for one in answers.get("results") or [] if _answered(one)))
    return [host for host in hosts if host in told]


def unfit(hosts: Sequence[str], answers: Answer) -> list[str]:
    """Why these hosts could not take all visitors: each that some balancer finds not well, or does not know."""
    found = []
    for balancer, servers in _heard(answers).items():
        states = {server["name"]: server for server in servers}
        found += [f"{host} {_state(states.get(host))} on {balancer}" for host in hosts if not _well(states.get(host))]
    return found


def failed_over(answers: Answer) -> list[str]:
    """Pools whose visitors some balancer sends to the backups, because somebody said so."""
    told = [one.get("failed_over") or [] for one in answers.get("results") or [] if _answered(one)]
    return sorted(set().union(*told))


def _carriers(servers: Sequence[Server], over: Sequence[str]) -> set[str]:
    """Who gets visitors now: active servers; all backups where no active one is left, or where somebody said so."""
    ready = [server for server in servers if _ready(server)]
    active = {server["name"] for server in ready if not server["backup"] and server["backend"] not in over}
    return active or {server["name"] for server in ready if server["backup"]}


def _others(host: str, servers: Sequence[Server]) -> bool:
    """Whether somebody carries visitors while `host` does not; any backup that is up would."""
    ready = {server["name"] for server in servers if _ready(server)}
    return bool(ready - {host})


def _ready(server: Server) -> bool:
    return bool(server["up"]) and server["admin"] == "ready"


def _well(server: Server | None) -> bool:
    """A drained server is not called up; its check is what counts."""
    return server is not None and str(server["check"]).startswith("L7OK") and not str(server["status"]).startswith("MAINT")


def _state(server: Server | None) -> str:
    return "is unknown" if server is None else f"is {server['status']} {server['check']}".rstrip()


def _heard(answers: Answer) -> dict[str, Sequence[Server]]:
    return {one["balancer"]: one["servers"] for one in answers.get("results") or [] if _answered(one)}


def _answered(one: Answer) -> bool:
    return not one.get("failed") and not one.get("unreachable") and "servers" in one


def _why(one: Answer) -> str:
    return " ".join(str(one.get("msg") or "no answer").rpartition("ssh: ")[2].split())


class FilterModule:
    """Filters for playbooks."""

    def filters(self) -> dict[str, Any]:
        return {
            "rotation_silent": silent,
            "rotation_batches": batches,
            "rotation_spared": spared,
            "rotation_strangers": strangers,
            "rotation_departed": departed,
            "rotation_in": getting,
            "rotation_out": out,
            "rotation_failed_over": failed_over,
            "rotation_unseen": unseen,
            "rotation_unfit": unfit,
        }
