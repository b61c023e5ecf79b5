"""Prove a release on the host it is for: read it as Apache and PHP do, run it beside the live one, and ask it."""

from __future__ import annotations

from . import twin
from .cause import by_site, explain, read_tail
from .host import Host
from .judge import judge_all, regressions
from .plan import Change
from .probe import REFUSED, Probe, probes_of
from .prober import Prober
from .release import Release
from .spelling import spell
from .twin_plan import Report
from .verdict import Failure, Verdict
from .verify import ask_live


def prove(host: Host, live: Release, candidate: Release, change: Change) -> Verdict:
    """The verdict on `candidate`, asked the probes of every site that `change` touches; nothing live is changed."""
    began = host.clock.monotonic()
    probes = probes_of(candidate, change.touched)
    with twin.running(host, live, candidate, change) as (plan, report):
        started = host.clock.monotonic()
        found = _ask(candidate, Prober(plan.port, tls_port=plan.tls_port), probes, report)
        asked = host.clock.monotonic()
    new, known = _compare(live, candidate, probes, found)
    ended = host.clock.monotonic()
    seconds = {"start": started - began, "probe": asked - started, "stop and compare": ended - asked}
    return Verdict(
        release=candidate.id,
        live=live.id,
        failures=tuple(_told_once([*report.failures, *new])),
        known=tuple(known),
        probes=len(probes),
        seconds={phase: round(value, 3) for phase, value in seconds.items()},
    )


def _ask(candidate: Release, prober: Prober, probes: list[Probe], report: Report) -> list[Failure]:
    if not report.started:
        return []
    answers = prober.ask(probes)
    if any(answer.error == REFUSED for answer in answers):
        return [_ended(report)]
    found = judge_all(probes, answers, candidate.id)
    if not found:
        return []
    lines = [line for log in report.error_logs for line in read_tail(log)]
    paths = {(probe.site, probe.path) for probe in probes}
    return explain(found, by_site(lines, candidate.manifest, report.remarks), paths)


def _ended(report: Report) -> Failure:
    """Nobody listens any more: that is no site's own failure."""
    last = [spell(line) for log in report.error_logs for line in read_tail(log)[-1:]]
    return Failure(None, "start", "Apache ended while it was asked", cause=tuple(last))


def _compare(live: Release, candidate: Release, probes: list[Probe], found: list[Failure]) -> tuple[list[Failure], list[Failure]]:
    """Only what failed is asked of the live release, too: was it broken before?"""
    failed = {(failure.site, failure.probe) for failure in found}
    again = [probe for probe in probes if (probe.site, probe.name) in failed and probe.site in live.manifest.sites]
    before = ask_live(again) if again else []
    same = {(probe.site, probe.name) for probe in again if probe in probes_of(live, [probe.site])}
    return regressions(found, before, lambda failure: (failure.site, failure.probe) in same)


def _told_once(failures: list[Failure]) -> list[Failure]:
    """A server that does not start for a reason that is already told is no reason of its own."""
    told = any(failure.site is not None and failure.guard != "start" for failure in failures)
    return [failure for failure in failures if not (told and failure.guard == "start" and failure.site is None)]
