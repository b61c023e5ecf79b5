"""The states of a release on one host: staged, proved, live, confirmed, reverted."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Any, Callable, Optional

from . import (
    balancer,
    claim,
    diff,
    drift,
    drift_keep,
    drift_look,
    drift_seen,
    journal,
    links,
    lock,
    outcome,
    proofs,
    recovery,
    state,
    way_back,
)
from . import candidate as candidates
from .drift import Finding
from .errors import ActivationFailed, CandidateRejected, CurrentMoved, EvenkeelError, HostNotReady, InvalidRelease, disk_trouble
from .host import Host
from .journal import Author
from .outcome import Outcome
from .payload import Packed, Payload
from .plan import Change, plan
from .proofs import Proof
from .release import Release
from .services import Services, stopped_message
from .state import Pending
from .store import Store
from .tiers import Tiers
from .transaction import Transaction, Undone, revert_target
from .verdict import Failure, Verdict

KEEP_RELEASES = 10
KEEP_S = 7 * 86400.0
DEADLINE_S = 120.0
_FORESEEN = {
    "extended": "Would put the deadline of release %s off.",
    "live": "Would make release %s live.",
    "confirmed": "Would make release %s known good.",
    "reverted": "Would go back to release %s.",
}
_LOCK_WAIT_S = 3.0
_DEADLINE_LOCK_WAIT_S = 300.0


class Engine:
    """All that a module or the command line can ask of a host; every change happens under the lock."""

    def __init__(self, host: Host, author: Optional[Author] = None) -> None:
        self._host = host
        self._author = author or Author()
        self._store = Store(host)
        self._services = Services(host)
        self._tiers = Tiers(host, self._services)
        self._transaction = Transaction(host, self._store, self._services, self._author)
        self._seconds: dict[str, float] = {}
        self._touched: tuple[str, ...] = ()
        self._asides: list[str] = []  # what an operator must read besides the outcome

    def has(self, release_id: str, anew: bool = False) -> bool:
        """Whether the release is here as it was brought; the live one is looked at later, unless it may come `anew`."""
        return (not anew and self._store.current_id() == release_id) or self._store.whole(release_id) is not None

    def planned(self, release_id: str, payload: Optional[Packed], adopt_drift: str = drift.ASK) -> Outcome:
        """What proving and publishing would change; changes nothing. Drift is refused as `proved` refuses it."""
        current = self._store.current_id()
        lost = self._asked_drift(adopt_drift)
        if lost and current == release_id:
            message = "Would bring release %s anew, over what was made of it by hand: %s." % (release_id, drift.named(lost))
            return self._outcome(outcome.PLANNED, True, release_id, message)
        if current == release_id:
            return self._outcome(outcome.UNCHANGED, False, release_id, "Release %s is live already." % release_id)
        wanted, read = self._preview(release_id, payload)
        if current is None:
            message = "First push: %d sites would be published." % len(wanted.manifest.sites)
            return self._outcome(outcome.PLANNED, True, release_id, message)
        live = self._current()
        change = plan(live, wanted)
        text = diff.describe(live, wanted, change, read)
        over = " Would publish over what was made by hand: %s." % drift.named(lost) if lost else ""
        return self._outcome(outcome.PLANNED, True, release_id, "Would publish: %s.%s" % (change.summary(), over), diff=text)

    def foreseen(self, wanted: str, release_id: Optional[str]) -> Outcome:
        """What bringing a release into the states live, confirmed or reverted would change; changes nothing."""
        pending = state.load_or_none(self._host)
        current = self._store.current_id()
        target = release_id or revert_target(self._store, pending)
        changed = current != target if wanted != "confirmed" else self._store.known_good_id() != target
        name = outcome.PLANNED if changed else outcome.UNCHANGED
        return self._outcome(name, changed, target, _FORESEEN[wanted] % target if changed else "Nothing to do.")

    def staged(self, release_id: str, payload: Optional[Packed]) -> Outcome:
        """Put the release in place; the first one on a host also leaves genesis as current and known good."""
        with self._working("stage"):
            known = self._store.has(release_id)
            self._candidate(release_id, payload)
            name = outcome.UNCHANGED if known else outcome.STAGED
            return self._outcome(name, not known, release_id, "Release %s is in place." % release_id)

    def proved(
        self,
        release_id: str,
        payload: Optional[Packed],
        hold_back: Sequence[str],
        may_hold_back: bool,
        adopt_drift: str = drift.ASK,
    ) -> Outcome:
        """Run the candidate and ask it for every touched site's pages; nothing of it becomes live.

        What was made of the live release by hand is refused, or with `drift.OVERWRITE` made a release of its own before.
        """
        with self._working("prove"):
            lost = self._asked_drift(adopt_drift)
            if lost:
                self._take_over(lost)
            wanted = self._candidate(release_id, payload)
            live = self._current()
            chosen = self._compose(live, wanted, set(hold_back))
            if chosen.id == live.id:
                return self._unchanged(live, tuple(sorted(hold_back)))
            proof = self._prove(live, chosen, wanted, set(hold_back))
            if not proof.verdict.ok and may_hold_back and proof.curable:
                held = set(hold_back) | set(proof.curable)
                chosen = self._compose(live, wanted, held)
                if chosen.id == live.id:
                    return self._unchanged(live, tuple(sorted(held)), proof)
                proof = self._prove(live, chosen, wanted, held)
            return self._proof_outcome(live, proof)

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
            release = recovery.at_boot(self._host, self._store, self._transaction)
        with contextlib.suppress(OSError):  # a balancer boots all the same
            balancer.at_boot(self._host)
        return release

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

    def _asked_drift(self, adopt: str) -> list[Finding]:
        """What a push would publish over, if it may; InvalidRelease naming all that it was not told what to do about."""
        current = self._store.current_id()
        if current is None:
            return []
        found = drift_look.before_push(self._host, self._store, self._store.load(current))
        lost = [finding for finding in found if finding.lost]
        left = [finding for finding in found if not finding.lost and drift.stops(finding)]
        untold = [*(lost if adopt != drift.OVERWRITE else ()), *(left if adopt == drift.ASK else ())]
        if untold:
            raise InvalidRelease(drift.refusal(current, untold))
        if left:
            self._asides.append("This host goes on to differ: %s." % drift.named(left))
        return lost

    def _take_over(self, lost: Sequence[Finding]) -> None:
        """Make edits of the live release a release of their own, proved and confirmed like any: what a push is compared with,
        and what it goes back to when it fails. Reloading what is loaded already is what the nightly rotation of logs does, too.
        """
        live = self._current()
        folder = drift_keep.copy(self._host, live, lost)
        manifest, contents = drift_keep.as_found(live)
        self._asides.append("What was made by hand (%s) is kept in %s." % (drift.named(lost), folder))
        if manifest.id == live.id:
            self._store.mend(live)
            return
        taken = self._store.stage(manifest, contents)
        proof = self._prove(live, taken, taken, set())
        try:
            if not proof.verdict.ok:
                raise CandidateRejected(proof.message())
            self._transaction.activate(live, taken, proof.known_failures, DEADLINE_S)
        except (CandidateRejected, ActivationFailed) as error:
            raise drift_keep.unusable(live.id, error, folder) from error
        self._transaction.confirm(taken.id)
        self._asides.append("It is release %s." % taken.id)

    def _candidate(self, release_id: str, payload: Optional[Packed]) -> Release:
        with self._timed("stage"):
            if payload is None:
                return self._store.load(release_id)
            opened = candidates.from_payload(payload, release_id)
            if self._store.known_good_id() is None:
                self._begin(opened)
            return self._store.stage(opened.manifest, opened.files)

    def _begin(self, payload: Payload) -> None:
        """Genesis: stage what serves nobody's content, see it run, and let `current` point to it.

        It is begun again after a run that died here; a `current` that is not ours is never replaced.
        """
        manifest, contents = candidates.genesis(payload)
        if os.path.lexists(self._host.paths.current) and self._store.current_id() != manifest.id:
            self._refuse_foreign_current()
            return
        release = self._store.stage(manifest, contents)
        self._store.point_current(release.id)
        verdict = self._tiers.of(release.manifest).prove(release, release, plan(release, release))
        if not verdict.ok:
            self._host.disk.remove(self._host.paths.current)
            raise CandidateRejected("The configuration that all sites share does not run here. " + verdict.message())
        self._store.point_known_good(release.id)
        journal.record(self._host, "genesis", release.id, self._author)

    def _refuse_foreign_current(self) -> None:
        if self._store.current_id() is None:
            raise HostNotReady(
                "%s points to no release of Evenkeel; nothing was changed. `evenkeel releases` lists them, and "
                "`evenkeel revert ID` goes to one" % self._host.paths.current
            )

    def _unedited(self, release_id: str) -> Release:
        """What was proved, and nothing that somebody made of it since."""
        release = self._store.load(release_id)
        edited = self._store.drift(release)
        if edited:
            raise InvalidRelease(
                "release %s is not what was proved (%s); nothing was changed. Push again, which brings it anew"
                % (release_id, "; ".join(edited[:5]))
            )
        return release

    def _compose(self, live: Release, wanted: Release, hold_back: set[str]) -> Release:
        if not hold_back:
            return wanted
        return candidates.held_back(self._store, live, wanted, hold_back)

    def _prove(self, live: Release, chosen: Release, wanted: Release, held: set[str]) -> Proof:
        change = plan(live, chosen)
        self._touched = tuple(sorted(change.touched))
        with self._timed("prove"):
            verdict = self._verdict(live, chosen, change)
        proof = Proof(
            release=chosen.id,
            base=live.id,
            requested=wanted.id,
            held_back=tuple(sorted(held)),
            verdict=verdict,
        )
        proofs.save(self._host, proof)
        journal.record(self._host, "proved" if verdict.ok else "rejected", chosen.id, self._author, proof.message())
        return proof

    def _verdict(self, live: Release, chosen: Release, change: Change) -> Verdict:
        sites = sorted(set(change.added) | set(change.changed) | set(change.removed))
        foreign = [
            Failure(found.link.site, "settings", links.foreign_message(found.link, chosen))
            for found in links.changes(self._host, live, chosen, sites)
            if found.kind == links.FOREIGN
        ]
        verdict = self._tiers.of(chosen.manifest).prove(live, chosen, change)
        return replace(verdict, failures=(*foreign, *verdict.failures))

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

    def _preview(self, release_id: str, payload: Optional[Packed]) -> tuple[Release, Callable[[str], bytes]]:
        if payload is not None:
            release, contents = candidates.preview(candidates.from_payload(payload, release_id))
            return release, contents.__getitem__
        release = self._store.load(release_id)

        def read(path: str) -> bytes:
            with open(release.file(path), "rb") as stream:
                return stream.read()

        return release, read

    def _unchanged(self, live: Release, held: tuple[str, ...], proof: Optional[Proof] = None) -> Outcome:
        down = self._services.stopped(self._tiers.of(live.manifest).needed_units(live.manifest))
        if down:
            raise HostNotReady(stopped_message(live.id, down))
        message = "Nothing to do: release %s is live%s." % (live.id, "" if self._pending() else " and known good")
        if held:
            message += " Still held back: %s." % ", ".join(held)
        if proof is not None:
            message += " " + proof.message()
        verdict = proof.verdict.to_document() if proof else {}
        return self._outcome(outcome.UNCHANGED, False, live.id, message, held_back=held, verdict=verdict)

    def _pending(self) -> bool:
        return state.load_or_none(self._host) is not None

    def _proof_outcome(self, live: Release, proof: Proof) -> Outcome:
        name = outcome.PROVED if proof.verdict.ok else outcome.REJECTED
        return self._outcome(
            name,
            proof.verdict.ok,
            proof.release,
            proof.message(),
            previous=live.id,
            held_back=proof.held_back,
            failed_sites=proof.curable,
            touched=self._touched,
            verdict=proof.verdict.to_document(),
        )

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
            known_good=self._store.known_good_id(),
            seconds=dict(self._seconds),
            **more,
        )
