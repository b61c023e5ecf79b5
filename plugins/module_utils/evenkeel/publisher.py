"""The states of a release that was proved on a host: live, confirmed, reverted."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Container, Iterator, Sequence
from typing import Any, Optional

from . import claim, drift, drift_seen, journal, lock, outcome, proofs, recovery, state, way_back
from .drift_seen import Marks
from .errors import CurrentMoved, EvenkeelError, HostNotReady, InvalidRelease, disk_trouble
from .host import Host
from .journal import Author
from .outcome import Outcome
from .proofs import Proof
from .release import Release
from .services import Services
from .state import Pending
from .store import Store
from .tiers import Tiers
from .transaction import Transaction, Undone, revert_target

KEEP_RELEASES = 10
KEEP_S = 7 * 86400.0
_FORESEEN = {
    "extended": "Would put the deadline of release %s off.",
    "live": "Would make release %s live.",
    "confirmed": "Would make release %s known good.",
    "reverted": "Would go back to release %s.",
}
_LOCK_WAIT_S = 3.0
_DEADLINE_LOCK_WAIT_S = 300.0


class Publisher:
    """What a host is asked about a release that it has proved; every change happens under the lock."""

    def __init__(self, host: Host, author: Optional[Author] = None) -> None:
        self._host = host
        self._author = author or Author()
        self._store = Store(host)
        self._services = Services(host)
        self._tiers = Tiers(host, self._services)
        self._transaction = Transaction(host, self._store, self._services, self._author)
        self._seconds: dict[str, float] = {}
        self._marks: Marks = {}  # of the release that goes live
        self._asides: list[str] = []  # what an operator must read besides the outcome

    def foreseen(self, wanted: str, release_id: Optional[str]) -> Outcome:
        """What bringing a release into the states live, confirmed or reverted would change; changes nothing."""
        pending = state.load_or_none(self._host)
        current = self._store.current_id()
        target = release_id or revert_target(self._store, pending)
        changed = current != target if wanted != "confirmed" else self._store.known_good_id() != target
        name = outcome.PLANNED if changed else outcome.UNCHANGED
        return self._outcome(name, changed, target, _FORESEEN[wanted] % target if changed else "Nothing to do.")

    def live(self, release_id: str, deadline_s: float, others: Sequence[str] = ()) -> Outcome:
        """Make a proved release live, verified and pending; it reverts itself after `deadline_s` seconds.

        `others` are addresses of the rollout's other hosts.
        """
        with self._working("live"):
            pending = state.load(self._host)
            if pending is not None and pending.release == release_id:
                self._transaction.extend(release_id, deadline_s)
                return self._outcome(outcome.LIVE, False, release_id, "Release %s is live already." % release_id)
            if pending is not None:
                raise recovery.PendingRelease(recovery.pending_message(self._host, pending))
            live = self._live()
            if live.id == release_id:
                return self._outcome(outcome.UNCHANGED, False, release_id, "Release %s is live already." % release_id)
            proof = self._required_proof(release_id, live)
            target = self._unedited(release_id)
            self._claim(deadline_s)
            with self._timed("activate"):
                change = self._transaction.activate(live, target, proof.known_failures, deadline_s, others)
                with contextlib.suppress(OSError):  # without it, the next push hashes all files
                    drift_seen.save(self._host, target.id, self._marks)
            message = "Release %s is live and verified: %s.%s" % (release_id, change.summary(), proof.asides())
            return self._outcome(outcome.LIVE, True, release_id, message, previous=live.id, held_back=proof.held_back)

    def extended(self, release_id: str, deadline_s: float) -> Outcome:
        """Put the deadline of the pending release off; CurrentMoved where it waits for nobody any more."""
        with self._alone("extend", _LOCK_WAIT_S):
            self._transaction.extend(release_id, deadline_s)
            self._claim(deadline_s)
        return self._outcome(outcome.LIVE, False, release_id, "")

    def confirmed(self, release_id: str) -> Outcome:
        """Make the pending release known good, and prune."""
        with self._alone("confirm", _LOCK_WAIT_S):
            changed = self._transaction.confirm(release_id)
            with contextlib.suppress(OSError):  # neither is a reason to doubt the release that is known good now
                claim.drop(self._host, self._author.rollout)
                self.prune()
        return self._outcome(outcome.CONFIRMED, changed, release_id, "Release %s is known good." % release_id)

    def reverted(self, release_id: Optional[str], why: str, instead_of: str = "") -> Outcome:
        """Go back to the known good release, or to a named one, which then is known good. From any state.

        A rollout says `instead_of` which release of its own. Where somebody has gone elsewhere since, it leaves this host alone
        if it names where to go; known good, where it names nothing, is what they chose.
        """
        with self._alone("revert", _DEADLINE_LOCK_WAIT_S):
            pending = state.load_or_none(self._host)
            before = self._store.current_id()
            if before and release_id and instead_of and self._overtaken(before, pending, (instead_of, release_id)):
                with contextlib.suppress(OSError):
                    claim.drop(self._host, self._author.rollout)
                message = "Release %s was made live since, by somebody else, and stays." % before
                return self._outcome(outcome.UNCHANGED, False, before, message)
            target = release_id or revert_target(self._store, pending)
            with self._timed("revert"):
                undone = self._transaction.revert(target, why)
            if release_id and not undone.problems:
                self._store.point_known_good(target)
            with contextlib.suppress(OSError):
                claim.drop(self._host)
            return self._undone_outcome(undone, before)

    def _overtaken(self, current: str, pending: Optional[Pending], ours: Container[str]) -> bool:
        """Whether somebody else has decided what is live. Where that is in doubt, a revert is made."""
        waits = pending is not None and pending.release in ours
        return current not in ours and not waits and self._store.has(current) and state.readable(self._host)

    def overdue(self) -> Optional[Outcome]:
        """What the deadline does; None when there is nothing to do."""
        with self._alone("deadline", _DEADLINE_LOCK_WAIT_S):
            before = self._store.current_id()
            undone = recovery.overdue(self._host, self._store, self._transaction)
            return None if undone is None else self._undone_outcome(undone, before)

    def recovered(self) -> Optional[str]:
        """What happens at boot, before the services start; the release that is right now."""
        with self._alone("recover", _DEADLINE_LOCK_WAIT_S):
            return recovery.at_boot(self._host, self._store, self._transaction)

    def prune(self, keep: int = KEEP_RELEASES, older_than_s: float = KEEP_S) -> list[str]:
        """Remove old releases; never current, known good, what was trusted before, or what a revert may need."""
        pending = state.load_or_none(self._host)
        last = way_back.confirmed(journal.read(self._host, way_back.EVENTS))
        needed = [self._store.current_id(), self._store.known_good_id()]
        needed += [pending.release, pending.previous] if pending else []
        needed += [last.previous] if last else []
        return self._store.prune(keep, [name for name in needed if name], older_than_s)

    @contextlib.contextmanager
    def _working(self, purpose: str) -> Iterator[None]:
        os.umask(0o022)
        with self._alone(purpose, _LOCK_WAIT_S):
            claim.refuse_other(self._host, self._author.rollout)
            undone = recovery.before_work(self._host, self._store, self._transaction, self._author.rollout)
            if undone is not None and undone.problems:
                raise EvenkeelError("A run that died was put back, but: %s" % "; ".join(undone.problems))
            yield

    def _claim(self, lease_s: float) -> None:
        claim.take(self._host, self._author.rollout, self._author.actor, lease_s)

    @contextlib.contextmanager
    def _alone(self, purpose: str, wait_s: float) -> Iterator[None]:
        with lock.held(self._host, "evenkeel " + purpose, wait_s):
            try:
                yield
            except OSError as error:
                current = self._store.current_id()
                raise disk_trouble(error, "release %s is current" % current if current else "no release yet") from error
            finally:
                with contextlib.suppress(OSError):
                    self._store.sweep()

    @contextlib.contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        start = self._host.clock.monotonic()
        try:
            yield
        finally:
            took = self._host.clock.monotonic() - start
            self._seconds[phase] = round(self._seconds.get(phase, 0) + took, 3)

    def _live(self) -> Release:
        """The live release, if it is as it was brought."""
        live = self._current()
        lost = self._store.differences(live, drift_seen.load(self._host, live.id))
        if lost:
            raise InvalidRelease(drift.refusal(live.id, lost))
        return live

    def _current(self) -> Release:
        current = self._store.current_id()
        if current is None and self._store.known_good_id() is not None:
            raise HostNotReady("`current` is gone; `evenkeel revert` goes to the known good release")
        if current is None:
            raise HostNotReady("this host has no release yet; run playbooks/site.yml for it first")
        return self._store.load(current)

    def _unedited(self, release_id: str) -> Release:
        """What was proved, and nothing that somebody made of it since."""
        release = self._store.load(release_id)
        compared = self._store.comparison(release)
        edited = [finding.line() for finding in compared.findings()]
        if edited:
            raise InvalidRelease(
                "release %s is not what was proved (%s); nothing was changed. Push again, which brings it anew"
                % (release_id, "; ".join(edited[:5]))
            )
        self._marks = compared.marks
        return release

    def _required_proof(self, release_id: str, live: Release) -> Proof:
        proof = proofs.load(self._host, release_id)
        if proof is None or not proof.verdict.ok:
            raise EvenkeelError("release %s was not proved on this host; run playbooks/push.yml, which does" % release_id)
        if proof.base != live.id:
            raise CurrentMoved(
                "release %s was proved over %s, but %s is live now; nothing was changed. Push again"
                % (release_id, proof.base, live.id)
            )
        return proof

    def _pending(self) -> bool:
        return state.load_or_none(self._host) is not None

    def _undone_outcome(self, undone: Undone, before: Optional[str]) -> Outcome:
        if undone.problems:
            message = "This host points to release %s again, but: %s. Look at `%s`, then `evenkeel revert`" % (
                undone.release,
                "; ".join(undone.problems),
                self._hint(undone.release),
            )
            return self._outcome(outcome.REVERT_FAILED, True, undone.release, message, previous=before)
        message = "Release %s is live, and answers." % undone.release
        moved = before != undone.release
        name = outcome.REVERTED if moved else outcome.UNCHANGED
        return self._outcome(name, moved, undone.release, message, previous=before)

    def _hint(self, release_id: str) -> str:
        return self._tiers.of(self._store.load(release_id).manifest).hint

    def _outcome(self, name: str, changed: bool, release_id: str, message: str, **more: Any) -> Outcome:
        more.setdefault("previous", self._store.current_id())
        return Outcome(
            outcome=name,
            changed=changed,
            release=release_id,
            message=" ".join([message, *self._asides]),
            asides=tuple(self._asides),
            known_good=self._store.known_good_id(),
            seconds=dict(self._seconds),
            **more,
        )
