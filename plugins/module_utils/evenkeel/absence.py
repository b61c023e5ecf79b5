"""Which web hosts get no visitors, and why, as a balancer remembers it: over HAProxy's reloads and crashes, and over a boot."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Optional

from . import haproxy, lock
from .host import Host

CONFIG = "/etc/evenkeel/current/haproxy/haproxy.cfg"
NEW = "was not seen to serve yet, playbooks/join.yml does so"  # why a host that joins gets no visitors
_LOCK_WAIT_S = 10.0


@dataclass(frozen=True)
class Absence:
    """One host that gets no visitors. Times are seconds since 1970.

    `rollout` took it out, or a person where it is empty; then only a person brings it back. With `until`, the balancer brings
    it back by itself: whoever took it out is dead by then.
    """

    state: str
    why: str
    rollout: str
    since: float
    until: Optional[float] = None


Absences = Mapping[str, Absence]


def load(host: Host) -> dict[str, Absence]:
    """Absences by the host's name. What cannot be read is none: HAProxy itself still knows who is drained."""
    try:
        with open(host.paths.absences, encoding="utf-8") as stream:
            return {str(name): _absence(raw) for name, raw in json.load(stream)["absent"].items()}
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError, OverflowError):
        return {}


def _absence(raw: Mapping[str, Any]) -> Absence:
    until = raw["until"]
    return Absence(
        haproxy.MAINT if raw["state"] == haproxy.MAINT else haproxy.DRAIN,
        str(raw["why"]),
        str(raw["rollout"]),
        float(raw["since"]),
        None if until is None else float(until),
    )


@contextlib.contextmanager
def changing(host: Host) -> Iterator[dict[str, Absence]]:
    """The absences to be changed, by one run at a time; written when the block ends well."""
    with lock.held(host, "evenkeel absences", _LOCK_WAIT_S, host.paths.absences_lock):
        known = load(host)
        found = dict(known)
        yield found
        if found != known:
            document = {"format": 1, "absent": {name: asdict(one) for name, one in found.items()}}
            host.disk.replace(host.paths.absences, (json.dumps(document, indent=1, sort_keys=True) + "\n").encode(), 0o600)


def follow(host: Host, joined: Collection[str], named: Collection[str]) -> None:
    """What a reload changes: `joined` were not seen to serve yet, and whoever is not `named` any more is no affair of ours."""
    new = Absence(haproxy.DRAIN, NEW, "", host.clock.now())
    with changing(host) as absent:
        for name in set(absent) - set(named):
            del absent[name]
        absent.update({name: new for name in sorted(joined) if name not in absent})


def put_off(host: Host, rollout: str, until: float) -> None:
    """The rollout lives: its hosts do not come back before `until`, unless it brings them."""
    with changing(host) as absent:
        absent.update({name: replace(one, until=until) for name, one in absent.items() if one.rollout == rollout and one.until})


def overdue(host: Host) -> list[str]:
    """Hosts whose rollout has died."""
    return sorted(name for name, one in load(host).items() if one.until is not None and one.until <= host.clock.now())


def any_timed(host: Host) -> bool:
    """Whether somebody is to come back by itself."""
    return any(one.until is not None for one in load(host).values())


def before_haproxy(host: Host) -> None:
    """At boot: write the state file that keeps visitors from those who were out. OSError when it cannot be written."""
    out = set(load(host)) - set(overdue(host))
    try:
        with open(host.paths.at(CONFIG), encoding="ascii") as stream:
            config = stream.read()
    except OSError:
        return  # a host without a balancer's release
    if out:
        host.disk.make_folder(host.paths.at("/run/haproxy"))
        host.disk.replace(host.paths.at(haproxy.STATE), haproxy.state_without(config, out), 0o600)
