"""What a killed run or a power cut left is settled before anything new begins."""

from __future__ import annotations

import contextlib
from typing import Optional

from . import claim, deadline, journal, peers, state
from .errors import EvenkeelError, HostNotReady
from .host import Host
from .moment import timestamp
from .state import Pending
from .store import Store
from .transaction import Transaction, Undone, revert_target


class PendingRelease(EvenkeelError):
    """Another rollout's release waits for confirmation on this host."""


def at_boot(host: Host, store: Store, transaction: Transaction) -> Optional[str]:
    """Before Apache starts: an unconfirmed release is put back. Returns the release that is right now."""
    pending = state.load_or_none(host)
    if store.current_id() is None and store.known_good_id() is None:
        return None
    if pending is None and state.readable(host) and _points_to_something(store):
        return store.current_id()
    if pending is not None and store.known_good_id() == pending.release:
        state.save(host, None, state.decided(host, pending))  # confirmed; only the last line of confirming was lost
        _let_go(host, pending)
        return pending.release
    target = revert_target(store, pending)
    transaction.point_at_boot(target)
    _let_go(host, pending)
    return target


def _let_go(host: Host, pending: Optional[Pending]) -> None:
    """The rollout of `pending` has nothing here any more, so that it keeps no other from this host."""
    with contextlib.suppress(OSError):  # the claim ends by itself, too
        if pending is not None and pending.rollout:
            claim.drop(host, pending.rollout)


def before_work(host: Host, store: Store, transaction: Transaction, rollout: str) -> Optional[Undone]:
    """At the start of every run that changes something; PendingRelease when another rollout is under way."""
    store.sweep()
    pending = state.load(host)
    if pending is None:
        _require_current(store)
        return None
    if store.known_good_id() == pending.release == store.current_id():
        transaction.keep(pending, "a run that died had confirmed it")
        return None
    alive = pending.phase == state.LIVE and store.current_id() == pending.release
    if alive and host.clock.now() <= pending.deadline:
        if pending.rollout == rollout:
            return None
        raise PendingRelease(pending_message(host, pending))
    if _kept_with_others(store, transaction, pending):
        return None
    return transaction.revert(revert_target(store, pending), "release %s was left behind by a run that died" % pending.release)


def overdue(host: Host, store: Store, transaction: Transaction) -> Optional[Undone]:
    """What the deadline does: revert, unless somebody confirmed or extended in the meantime, here or on another host."""
    pending = state.load_or_none(host)
    if pending is None:
        deadline.disarm(host)  # of a run that died just before it would have
        return None
    if store.known_good_id() == pending.release == store.current_id():
        transaction.keep(pending, "a run that died had confirmed it")
        return None
    left = pending.deadline - host.clock.now()
    if left > 0.5:
        deadline.arm(host, left)
        return None
    if _kept_with_others(store, transaction, pending):
        return None
    why = "nobody confirmed release %s until %s" % (pending.release, timestamp(pending.deadline))
    journal.try_record(host, "overdue", pending.release, journal.Author(pending.rollout, pending.actor, pending.commit), why)
    return transaction.revert(revert_target(store, pending), why)


def _kept_with_others(store: Store, transaction: Transaction, pending: Pending) -> bool:
    """Whether the release stays, because another host of its rollout was told that it does. Silence means that it goes."""
    if pending.phase != state.LIVE or store.current_id() != pending.release:
        return False
    peer = peers.decided_by(pending)
    if peer:
        transaction.keep(pending, "rollout %s was confirmed on %s" % (pending.rollout, peer))
    return bool(peer)


def pending_message(host: Host, pending: Pending) -> str:
    return (
        "Release %s of rollout %s (%s) waits for confirmation on this host and reverts itself in %d s; nothing was "
        "changed. Wait, or decide now: `evenkeel confirm` or `evenkeel revert`"
        % (
            pending.release,
            pending.rollout or "?",
            pending.actor or "somebody",
            max(0, pending.deadline - host.clock.now()),
        )
    )


def _points_to_something(store: Store) -> bool:
    current = store.current_id()
    return current is not None and store.has(current)


def _require_current(store: Store) -> None:
    if store.current_id() is not None and not _points_to_something(store):
        raise HostNotReady("`current` points to a release that is gone; `evenkeel revert` goes to the known good one")
