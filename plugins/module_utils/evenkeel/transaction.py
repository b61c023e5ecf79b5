"""Make a proved release live, confirm it, or go back: each step leaves the old or the new release, whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Callable, Optional

from . import deadline, journal, links, peers, proofs, state
from .errors import ActivationFailed, CurrentMoved, EvenkeelError, InvalidRelease, RevertFailed, disk_trouble
from .host import Host
from .journal import Author
from .plan import Change, plan
from .release import Release
from .services import Services, restart_stopped
from .state import Pending
from .store import Store
from .tiers import Tiers
from .verdict import Failure

Known = frozenset[proofs.Key]
_SAMPLE = 40  # untouched sites that are asked for their front page, too, after a reload
_REVERT_PATIENCE_S = 30.0
_POLL_S = 0.2
_AGAIN_S = 15.0
_OF_A_GATEWAY = (502, 503, 504)


@dataclass(frozen=True)
class Undone:
    """A finished revert: where this host is now, and what is still wrong there (empty when all is well)."""

    release: str
    problems: tuple[str, ...]


class Transaction:
    """The flip and its way back, on one host, under the lock."""

    def __init__(self, host: Host, store: Store, services: Services, author: Author) -> None:
        self._host = host
        self._store = store
        self._services = services
        self._tiers = Tiers(host, services)
        self._author = author

    def activate(self, live: Release, candidate: Release, known: Known, deadline_s: float, others: Sequence[str] = ()) -> Change:
        """Flip to `candidate`, verify, and leave it pending; ActivationFailed after putting `live` back.

        `others` are the addresses of the rollout's other hosts, which are asked at the deadline.
        """
        change = plan(live, candidate)
        links.refuse_foreign(links.changes(self._host, live, candidate, _moved(change)), candidate)
        sample = self._sample(live, candidate, change)
        known = known | proofs.keys_of(self._tiers.of(live.manifest).verify(live, sample, frozenset()))
        with self._undone_on_failure(live, candidate):
            self._arm(live, candidate, deadline_s, others)
            self._flip(live, candidate, change)
            self._check(candidate, list(change.touched) + sample, known)
            self._save_phase(state.LIVE)
        journal.try_record(self._host, "live", candidate.id, self._author, change.summary(), _named(change))
        return change

    def confirm(self, release_id: str) -> bool:
        """Make the pending release known good; False when it was already."""
        pending = state.load(self._host)
        if pending is None or pending.release != release_id:
            return self._confirmed_already(release_id, pending)
        if self._store.current_id() != release_id:
            raise CurrentMoved("release %s is not live on this host any more; see `evenkeel status`" % release_id)
        if pending.phase != state.LIVE:
            raise EvenkeelError("release %s was not verified on this host; `evenkeel revert` puts it back" % release_id)
        self._refuse_late(pending)
        self.keep(pending)
        return True

    def keep(self, pending: Pending, why: str = "") -> None:
        """Make the pending release known good, and be there for the questions of those that have not heard of it."""
        self._store.point_known_good(pending.release)
        state.save(self._host, None, state.decided(self._host, pending) if pending.peers else None)
        deadline.disarm(self._host)
        if pending.peers:
            peers.start(self._host)
        journal.try_record(self._host, "confirmed", pending.release, self._author, why)

    def _refuse_late(self, pending: Pending) -> None:
        """Where others wait, half of the deadline is theirs: nobody may say yes after they asked and heard no."""
        now = self._host.clock.now()
        if now > pending.deadline:
            raise EvenkeelError("the deadline of release %s has passed; this host is reverting" % pending.release)
        if pending.peers and now > pending.deadline - pending.deadline_s / 2:
            raise EvenkeelError(
                "release %s waits for too long to be confirmed now, because the rollout's other hosts may have given up; "
                "nothing was changed. Make it live again, which puts the deadline off, and confirm then" % pending.release
            )

    def extend(self, release_id: str, deadline_s: float) -> None:
        """Push the deadline of a pending release away; for a host that waits for the others of a rollout."""
        pending = state.load(self._host)
        if pending is None or pending.release != release_id:
            raise CurrentMoved("release %s is not waiting for confirmation on this host" % release_id)
        if self._store.current_id() != release_id:
            raise CurrentMoved("release %s is not live on this host any more; see `evenkeel status`" % release_id)
        end = self._host.clock.now() + deadline_s
        state.save(self._host, replace(pending, deadline=end, deadline_s=deadline_s))
        if end < pending.deadline or not deadline.armed(self._host):
            deadline.arm(self._host, deadline_s)  # a timer that wakes too early sets itself anew: no gap without one

    def revert(self, target_id: str, why: str) -> Undone:
        """Go to `target_id`, whatever state this host is in. Never gated; verified afterwards, like a push."""
        target = self._store.load(target_id)
        other = self._left_behind(target)
        change = self._way_back(other, target)
        self._point_back(target_id)
        problems = self._collect(lambda: self._settle_links(other, target))
        problems += self._collect(lambda: self._store.settle_folders(other, target))
        tier = self._tiers.of(target.manifest)
        stuck = tier.follow((other or target).manifest, target.manifest, change, insist=True)
        stuck += self._collect(lambda: restart_stopped(self._services, tier.needed_units(target.manifest)))
        touched = sorted(set(change.touched) & set(target.manifest.sites))
        problems += stuck + self._wrong_answers(target, touched, self._sample(target, target, change), self._known(target, other))
        if not stuck:  # otherwise it stays pending: the deadline, the next run or a boot goes on from here
            problems += self._collect(self._wait_for_nothing)
        event = "revert_failed" if problems else "reverted"
        journal.try_record(self._host, event, target_id, self._author, "; ".join([why, *problems]))
        return Undone(target_id, tuple(problems))

    def _wait_for_nothing(self) -> None:
        """A disk that is full has no room for that either: then the deadline comes again, until it has."""
        try:
            state.save(self._host, None)
        except (EvenkeelError, OSError):
            self._collect(lambda: deadline.arm(self._host, _AGAIN_S))
            raise
        self._collect(lambda: deadline.disarm(self._host))

    def point_at_boot(self, target_id: str) -> None:
        """The part of a revert that fits before the services have started: they will read what is right."""
        pending = state.load_or_none(self._host)
        self._point_back(target_id)
        problems = self._collect(lambda: self._settle_at_boot(pending, target_id))
        problems += self._collect(lambda: state.save(self._host, None))
        message = "; ".join(["put back at boot", *problems])
        journal.try_record(self._host, "recovered", target_id, self._author, message)

    def _settle_at_boot(self, pending: Optional[Pending], target_id: str) -> None:
        target = self._store.load(target_id)
        other = self._loaded(pending.release) if pending else None
        self._tiers.of(target.manifest).prepare_boot(other.manifest if other else None, target.manifest)
        self._settle_links(other, target)

    def _arm(self, live: Release, candidate: Release, deadline_s: float, others: Sequence[str]) -> None:
        """On disk first, then the timer, then the way back: each needs no room and no program once it is there."""
        pending = Pending(
            release=candidate.id,
            previous=live.id,
            phase=state.ARMED,
            deadline=self._host.clock.now() + deadline_s,
            rollout=self._author.rollout,
            actor=self._author.actor,
            commit=self._author.commit,
            deadline_s=deadline_s,
            peers=tuple(others),
        )
        state.save(self._host, pending)
        self._host.disk.point(self._host.paths.way_back, "releases/" + live.id)
        deadline.arm(self._host, deadline_s)
        journal.record(self._host, "armed", candidate.id, self._author, "deadline in %g s" % deadline_s)

    def _flip(self, live: Release, candidate: Release, change: Change) -> None:
        if self._store.current_id() != live.id:
            raise CurrentMoved("`current` is no longer %s; prove the release again" % live.id)
        self._store.point_current(candidate.id)
        links.apply(self._host, links.changes(self._host, live, candidate, _moved(change)), live, candidate)
        self._store.settle_folders(live, candidate)
        problems = self._tiers.of(candidate.manifest).follow(live.manifest, candidate.manifest, change)
        if problems:
            raise ActivationFailed("; ".join(problems), [Failure(None, "start", problem) for problem in problems])

    def _check(self, candidate: Release, sites: Sequence[str], known: Known) -> None:
        tier = self._tiers.of(candidate.manifest)
        late = tier.await_release(candidate)
        if late:
            raise ActivationFailed(late, [Failure(None, "release", late)])
        failures = tier.verify(candidate, sites, known)
        if failures:
            raise ActivationFailed("; ".join(failure.line() for failure in failures[:5]), failures)

    @contextlib.contextmanager
    def _undone_on_failure(self, live: Release, candidate: Release) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if self._store.current_id() == live.id:
                self._abandon()
                if isinstance(error, OSError):
                    raise disk_trouble(error, "release %s is live as before" % live.id) from error
                raise
            undone = self._try_revert(live, candidate, error)
            if not isinstance(error, (EvenkeelError, OSError)):
                raise
            found = error.failures if isinstance(error, EvenkeelError) else ()
            if undone.problems:
                hint = self._tiers.of(live.manifest).hint
                raise RevertFailed(revert_failed_message(candidate.id, str(error), undone, hint), found) from error
            text = "Release %s was live, failed, and was put back: %s. Release %s answers again."
            raise ActivationFailed(text % (candidate.id, error, live.id), found) from error

    def _abandon(self) -> None:
        """Nothing was flipped yet: forget the deadline, whatever the disk says."""
        with contextlib.suppress(OSError):
            state.save(self._host, None)
        with contextlib.suppress(OSError):
            deadline.disarm(self._host)

    def _try_revert(self, live: Release, candidate: Release, error: BaseException) -> Undone:
        try:
            return self.revert(live.id, "release %s failed: %s" % (candidate.id, error))
        except (EvenkeelError, OSError) as second:
            return Undone(live.id, (str(second),))

    def _confirmed_already(self, release_id: str, pending: Optional[Pending]) -> bool:
        if pending is None and self._store.known_good_id() == release_id == self._store.current_id():
            deadline.disarm(self._host)  # a run that died here may have left it
            return False
        raise CurrentMoved(
            "release %s is not waiting for confirmation on this host%s; see `evenkeel status`"
            % (release_id, " (%s is)" % pending.release if pending else "")
        )

    def _save_phase(self, phase: str) -> None:
        pending = state.load(self._host)
        if pending is None:
            raise CurrentMoved("the release was reverted while it was verified")
        state.save(self._host, replace(pending, phase=phase))

    def _left_behind(self, target: Release) -> Optional[Release]:
        """What the services may still serve; None when that is unknown, so that everything must be read again.

        A revert that was killed has pointed `current` back already, but PHP may run the pending release's pools.
        """
        pending = state.load_or_none(self._host)
        other = self._loaded(pending.release if pending else self._store.current_id())
        return None if other is None or other.id == target.id else other

    def _loaded(self, release_id: Optional[str]) -> Optional[Release]:
        """None when it is too broken to be read; a revert works all the same."""
        try:
            return None if release_id is None else self._store.load(release_id)
        except EvenkeelError:
            return None

    @staticmethod
    def _way_back(other: Optional[Release], target: Release) -> Change:
        """What a revert touches; everything, when it is unknown what the services serve."""
        if other is not None:
            return plan(other, target)
        sites = tuple(sorted(target.manifest.sites))
        dedicated = tuple(s for s in sites if (target.manifest.sites[s].get("php") or {}).get("isolation") == "dedicated")
        return Change((), sites, (), (), target.manifest.php_versions, dedicated, (), sites)

    def _point_back(self, target_id: str) -> None:
        """The prepared link needs no new inode, so a full disk cannot stand in the way."""
        way_back = self._host.paths.way_back
        if self._store.current_id() == target_id:
            return
        try:
            prepared = os.readlink(way_back) == "releases/" + target_id
        except OSError:
            prepared = False
        if prepared:
            self._host.disk.rename(way_back, self._host.paths.current)
        else:
            self._store.point_current(target_id)

    def _settle_links(self, other: Optional[Release], target: Release) -> None:
        source = other or target
        sites = sorted(set(source.manifest.sites) | set(target.manifest.sites))
        links.apply(self._host, links.changes(self._host, source, target, sites), source, target)

    def _known(self, target: Release, other: Optional[Release]) -> Known:
        """What failed on `target` when it was proved, or when `other` was, which follows it: going back cannot cure it."""
        known = proofs.known_failures(self._host, target.id)
        return known if other is None else known | proofs.known_failures(self._host, other.id, base=target.id)

    def _wrong_answers(self, target: Release, touched: Sequence[str], sample: Sequence[str], known: Known) -> list[str]:
        """What a revert left wrong, after giving the services a moment to settle.

        Sites of the sample are as they were: one whose application fails by itself is no reason to doubt the revert.
        """
        tier = self._tiers.of(target.manifest)
        end = self._host.clock.monotonic() + _REVERT_PATIENCE_S
        while True:
            late = tier.await_release(target)
            found = [] if late else tier.verify(target, [*touched, *sample], known)
            wrong = [late] if late else [failure.line() for failure in found if failure.site in touched or not _spoke(failure)]
            if not wrong or self._host.clock.monotonic() > end:
                return wrong[:5]
            self._host.clock.sleep(_POLL_S)

    @staticmethod
    def _collect(work: Callable[[], None]) -> list[str]:
        """Do one step of a revert; what goes wrong is told at the end, and the next step is done all the same."""
        try:
            work()
        except (EvenkeelError, OSError) as error:
            return [str(error)]
        return []

    @staticmethod
    def _sample(live: Release, candidate: Release, change: Change) -> list[str]:
        untouched = set(live.manifest.sites) & set(candidate.manifest.sites) - set(change.touched)
        return sorted(untouched)[:_SAMPLE]


def revert_failed_message(release_id: str, why: str, undone: Undone, hint: str) -> str:
    """One paragraph for the worst outcome: where the host is, what is wrong, what to type."""
    return (
        "Release %s failed (%s). This host points to %s again, but: %s. Look at `evenkeel status` and "
        "`%s` on this host, then `evenkeel revert`" % (release_id, why, undone.release, "; ".join(undone.problems), hint)
    )


def revert_target(store: Store, pending: Optional[Pending]) -> str:
    """Where a revert without a name goes: the known good release, or what was live before the pending one."""
    good = store.known_good_id()
    if good is not None and store.has(good):
        return good
    if pending is not None and store.has(pending.previous):
        return pending.previous
    raise InvalidRelease("this host has no known good release to go back to; see `evenkeel releases`")


def _spoke(failure: Failure) -> bool:
    """Whether the site itself gave the answer, so that server and release are well."""
    return failure.guard not in ("error", "site", "release") and failure.status not in _OF_A_GATEWAY


def _named(change: Change) -> list[str]:
    """The sites that visitors may find different."""
    return sorted({*change.touched, *change.removed})


def _moved(change: Change) -> list[str]:
    return sorted(set(change.added) | set(change.changed) | set(change.removed))
