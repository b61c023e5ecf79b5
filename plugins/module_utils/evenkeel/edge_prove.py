"""Prove a release on a balancer: test its files, run it beside the live one, and ask it for every touched site."""

from __future__ import annotations

from . import edge_ask, edge_twin
from .host import Host
from .judge import judge_all, regressions
from .plan import Change
from .probe import Probe, probes_of
from .release import Release
from .verdict import Failure, Verdict


def prove(host: Host, live: Release, candidate: Release, change: Change) -> Verdict:
    """The verdict on `candidate`; nothing live is changed. Its twin asks the real web hosts."""
    began = host.clock.monotonic()
    probes = probes_of(candidate, change.touched)
    with edge_twin.running(host, candidate) as (plan, report):
        started = host.clock.monotonic()
        found = [] if not report.started else edge_twin.silent_pools(host, plan, candidate)
        if report.started:
            answers = edge_ask.prober(candidate, plan.http, plan.https).ask(probes)
            found += judge_all(probes, answers, candidate.id, edge_ask.STAMP)
        asked = host.clock.monotonic()
    new, known = _compare(host, live, candidate, probes, found)
    seconds = {"start": started - began, "probe": asked - started, "stop and compare": host.clock.monotonic() - asked}
    return Verdict(
        release=candidate.id,
        live=live.id,
        failures=(*report.failures, *new),
        known=tuple(known),
        probes=len(probes),
        seconds={phase: round(value, 3) for phase, value in seconds.items()},
    )


def _compare(
    host: Host, live: Release, candidate: Release, probes: list[Probe], found: list[Failure]
) -> tuple[list[Failure], list[Failure]]:
    """What failed is asked of the live balancer, too: was it so before?"""
    failed = {(failure.site, failure.probe) for failure in found}
    again = [probe for probe in probes if (probe.site, probe.name) in failed and probe.site in live.manifest.sites]
    before = edge_ask.ask_live(live, again) if again else []
    if any(failure.site is None for failure in found):
        before += edge_twin.silent_live_pools(host, candidate)
    same = {(probe.site, probe.name) for probe in again if probe in probes_of(live, [probe.site])}
    return regressions(found, before, lambda failure: failure.site is None or (failure.site, failure.probe) in same)
