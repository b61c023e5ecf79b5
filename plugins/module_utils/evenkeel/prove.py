"""Prove a release on the host it is for: read it as Apache and PHP do, run it beside the live one, and ask it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import beside, folders, policy, replay, restart, tls, twin
from .beside import Asked
from .cause import by_site, explain, read_tail
from .examine import Examined, examine
from .host import Host
from .judge import regressions
from .plan import Change, changed_files
from .probe import probes_of
from .prober import Prober
from .release import Release
from .replay import Replayed
from .spelling import spell
from .twin_plan import Report
from .verdict import Failure, Verdict
from .verify import ask_live

_STANDING = (policy.GUARD, folders.GUARD)  # guards whose findings a server can live with, though not well


def prove(host: Host, live: Release, candidate: Release, change: Change) -> Verdict:
    """The verdict on `candidate`, asked the probes of every site that `change` touches; nothing live is changed."""
    began = host.clock.monotonic()
    with twin.running(host, live, candidate, change) as (plan, report):
        started = host.clock.monotonic()
        there = Prober(plan.port, tls_port=plan.tls_port)
        examined = examine(there, live, candidate, change.touched) if report.started else Examined(ended=True)
        found = _judged(candidate, examined, report)
        new, known = _compare(live, candidate, found)
        replayed, worse = Replayed(), list[Failure]()
        if examined.probes and not examined.ended:
            replayed = replay.compare(host, live, candidate, change, there, (failure.site or "" for failure in new))
            both = Asked((*examined.pairs, *replayed.pairs), plan.port, plan.tls_port)
            worse = [*_with_causes(replayed.failures, candidate, report), *beside.compare(host, live, candidate, change, both)]
        asked = host.clock.monotonic()
    worse += tls.check_certificates(live, candidate)
    read, inherited = _inherited(live, candidate, report.failures)
    ended = host.clock.monotonic()
    seconds = {"start": started - began, "probe": asked - started, "stop and compare": ended - asked}
    return Verdict(
        release=candidate.id,
        live=live.id,
        failures=tuple(_told_once([*read, *new, *beside.untold(worse, found)])),
        known=(*known, *inherited),
        probes=examined.probes,
        learned=len(replayed.pairs),
        unstable=replayed.unstable,
        remarks=restart.waiting(live, candidate),
        changed=changed_files(live, candidate),
        seconds={phase: round(value, 3) for phase, value in seconds.items()},
    )


def _inherited(live: Release, candidate: Release, read: Iterable[Failure]) -> tuple[list[Failure], list[Failure]]:
    """Split what was read into this candidate's own doing and what stands in files that live has, too, and lives with."""
    own: list[Failure] = []
    inherited: list[Failure] = []
    for failure in read:
        path = failure.got.partition(":")[0]
        entry = candidate.manifest.files.get(path)
        old = failure.guard in _STANDING and live.id != candidate.id and entry == live.manifest.files.get(path)
        (inherited if entry is not None and old else own).append(failure)
    return own, inherited


def _judged(candidate: Release, examined: Examined, report: Report) -> list[Failure]:
    if examined.ended and report.started:
        return [_ended(report)]
    return _with_causes(examined.failures, candidate, report)


def _with_causes(found: Sequence[Failure], candidate: Release, report: Report) -> list[Failure]:
    """What the twin's own logs say about it; they are read only where something is wrong."""
    if not found:
        return []
    lines = [line for log in report.error_logs for line in read_tail(log)]
    return explain(found, by_site(lines, candidate.manifest, report.remarks))


def _ended(report: Report) -> Failure:
    """Nobody listens any more: that is no site's own failure."""
    last = [spell(line) for log in report.error_logs for line in read_tail(log)[-1:]]
    return Failure(None, "start", "Apache ended while it was asked", cause=tuple(last))


def _compare(live: Release, candidate: Release, found: list[Failure]) -> tuple[list[Failure], list[Failure]]:
    """Only what failed is asked of the live release, too: was it broken before?"""
    failed = {(failure.site, failure.probe) for failure in found}
    probes = probes_of(candidate, {failure.site for failure in found if failure.site})
    again = [probe for probe in probes if (probe.site, probe.name) in failed and probe.site in live.manifest.sites]
    before = ask_live(again) if again else []
    same = {(probe.site, probe.name) for probe in again if probe in probes_of(live, [probe.site])}
    return regressions(found, before, lambda failure: (failure.site, failure.probe) in same)


def _told_once(failures: list[Failure]) -> list[Failure]:
    """A server that does not start for a reason that is already told is no reason of its own."""
    told = any(failure.site is not None and failure.guard != "start" for failure in failures)
    return [failure for failure in failures if not (told and failure.guard == "start" and failure.site is None)]
