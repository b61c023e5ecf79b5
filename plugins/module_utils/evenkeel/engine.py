"""All states of a release on one host: those before anything is live are added here, planned, staged and proved."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Callable, Optional

from . import candidate as candidates
from . import diff, drift, drift_keep, drift_look, journal, links, outcome, proofs, way_back
from .arguments import Packed
from .drift import Finding
from .errors import ActivationFailed, CandidateRejected, HostNotReady, InvalidRelease
from .host import Host
from .journal import Author
from .outcome import Outcome
from .payload import Payload
from .plan import Change, plan
from .proofs import Proof
from .provers import Provers
from .publisher import Publisher
from .release import Release
from .services import stopped_message
from .verdict import Failure, Verdict

DEADLINE_S = 120.0


class Engine(Publisher):
    """All that a playbook can ask of a host."""

    def __init__(self, host: Host, author: Optional[Author] = None) -> None:
        super().__init__(host, author)
        self._provers = Provers(host)
        self._touched: tuple[str, ...] = ()

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
                if wanted.id == live.id:
                    self._end_regression(live)
                return self._unchanged(live, tuple(sorted(hold_back)))
            proof = self._prove(live, chosen, wanted, set(hold_back))
            if not proof.verdict.ok and may_hold_back and proof.curable:
                held = set(hold_back) | set(proof.curable)
                chosen = self._compose(live, wanted, held)
                if chosen.id == live.id:
                    return self._unchanged(live, tuple(sorted(held)), proof)
                proof = self._prove(live, chosen, wanted, held)
            return self._proof_outcome(live, proof)

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
        verdict = self._provers.prove(release, release, plan(release, release))
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
        verdict = self._provers.prove(live, chosen, change)
        return replace(verdict, failures=(*foreign, *verdict.failures))

    def _preview(self, release_id: str, payload: Optional[Packed]) -> tuple[Release, Callable[[str], bytes]]:
        if payload is not None:
            release, contents = candidates.preview(candidates.from_payload(payload, release_id))
            return release, contents.__getitem__
        release = self._store.load(release_id)

        def read(path: str) -> bytes:
            with open(release.file(path), "rb") as stream:
                return stream.read()

        return release, read

    def _end_regression(self, live: Release) -> None:
        """What a broken release was taken back to is what the truth asks for: nobody would publish it once more."""
        events = journal.read(self._host, way_back.EVENTS)
        seen = way_back.regression(events)
        went_back = seen and live.id not in way_back.regressed(events)
        if went_back and not self._pending() and self._store.known_good_id() == live.id:
            journal.record(self._host, way_back.CONFIRMED, live.id, self._author, "the truth asks for what was gone back to")
            self._asides.append("This ends what hosts went back for: %s." % seen)

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
