"""One rollout at a time: who works on this environment, and until when, as this host knows it.

A claim is extended by every step of its rollout and ends by itself when there are no more: a controller that died holds nobody
up for longer than its hosts wait for it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Optional

from . import lock
from .errors import EvenkeelError
from .host import Host
from .moment import timestamp

LEASE_S = 120.0
_LOCK_WAIT_S = 5.0


class Claimed(EvenkeelError):
    """Another rollout is under way."""


@dataclass(frozen=True)
class Claim:
    """A rollout and its owner; `since` and `until` are wall-clock seconds since 1970."""

    rollout: str
    actor: str
    since: float
    until: float


def load(host: Host) -> Optional[Claim]:
    """The claim that holds now. A file that cannot be read holds nobody up: hosts refuse by what is pending, too."""
    try:
        with open(host.paths.claim, encoding="utf-8") as stream:
            raw = json.load(stream)
        claim = Claim(str(raw["rollout"]), str(raw["actor"]), float(raw["since"]), float(raw["until"]))
    except (OSError, ValueError, RecursionError, KeyError, TypeError, OverflowError):
        return None
    return claim if host.clock.now() < claim.until else None


def refuse_other(host: Host, rollout: str) -> None:
    """Claimed when another rollout holds this host."""
    claim = load(host)
    if claim is not None and claim.rollout != rollout:
        raise Claimed(message(claim))


def take(host: Host, rollout: str, actor: str, lease_s: float) -> Optional[Claim]:
    """Begin or extend; None for work that belongs to no rollout. Claimed when another one holds this host."""
    if not rollout:
        return None
    with lock.held(host, "evenkeel claim", _LOCK_WAIT_S, host.paths.claim_lock):
        refuse_other(host, rollout)
        known, now = load(host), host.clock.now()
        claim = Claim(rollout, actor, known.since if known else now, now + lease_s)
        host.disk.replace(host.paths.claim, (json.dumps(asdict(claim), indent=1, sort_keys=True) + "\n").encode(), 0o600)
    return claim


def drop(host: Host, rollout: str = "") -> None:
    """End the claim of `rollout`, or anybody's."""
    claim = load(host)
    if claim is None or rollout in ("", claim.rollout):
        host.disk.remove(host.paths.claim)


def message(claim: Claim) -> str:
    return (
        "rollout %s of %s is under way since %s and holds this environment until %s, unless it goes on; nothing was changed. "
        "Wait until it ends and run the same command again; if it is to end now, playbooks/rollback.yml takes it back"
        % (claim.rollout, claim.actor or "somebody", timestamp(claim.since), timestamp(claim.until))
    )
