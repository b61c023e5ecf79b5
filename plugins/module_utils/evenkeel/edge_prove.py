"""Prove a release on a balancer: test its files, run it beside the live one, and ask it for every touched site."""

from __future__ import annotations

import time
from collections.abc import Sequence

from . import edge_ask, edge_beside, edge_certificates, edge_policy, edge_twin, haproxy, rotation
from .edge_beside import Asked
from .edge_twin import EdgePlan
from .haproxy import ServerState, UnixCli
from .host import Host
from .judge import judge_all, regressions
from .plan import Change, changed_files
from .probe import Probe, probes_of
from .release import Release
from .twin_plan import Report
from .verdict import Failure, Verdict

_CHECKED_S = 5.0
_POLL_S = 0.05


def prove(host: Host, live: Release, candidate: Release, change: Change) -> Verdict:
    """The verdict on `candidate`; nothing live is changed. Its twin asks the real web hosts."""
    began = host.clock.monotonic()
    probes = edge_ask.probes_for(candidate, change.touched)
    read = [*edge_certificates.check(live, candidate), *edge_policy.check(live, candidate)]
    report, found, started = Report(False, (), ()), [], began
    if not edge_certificates.unusable(read):
        with edge_twin.running(host, candidate) as (plan, report):
            started = host.clock.monotonic()
            found = _asked(host, live, candidate, plan, probes) if report.started else []
    asked = host.clock.monotonic()
    new, known = _compare(host, live, candidate, probes, found)
    seconds = {"start": started - began, "probe": asked - started, "stop and compare": host.clock.monotonic() - asked}
    return Verdict(
        release=candidate.id,
        live=live.id,
        failures=(*report.failures, *read, *new),
        known=tuple(known),
        probes=len(probes),
        changed=changed_files(live, candidate),
        seconds={phase: round(value, 3) for phase, value in seconds.items()},
    )


def _asked(host: Host, live: Release, candidate: Release, plan: EdgePlan, probes: Sequence[Probe]) -> list[Failure]:
    """What the twin means to do with its servers, how it answers, and what it does worse than the live balancer."""
    found = _rotation(host, live, candidate, plan)
    there, now = edge_ask.prober(candidate, plan.http, plan.https), edge_ask.prober(live)
    answers = there.ask(probes)
    told = judge_all(probes, answers, candidate.id, edge_ask.STAMP)
    asked = Asked(tuple(zip(probes, answers)), there, now, (plan.https, edge_ask.HTTPS_PORT))
    return [*found, *told, *edge_beside.compare(live, candidate, asked, {failure.site for failure in told})]


def _rotation(host: Host, live: Release, candidate: Release, plan: EdgePlan) -> list[Failure]:
    """Waits until checks have had the time to pass, no longer."""
    wanted, before = rotation.meant(candidate), _live_servers(host)
    pools = _pools(candidate)
    twin = edge_twin.cli(host, plan)
    end = time.monotonic() + _CHECKED_S
    while True:
        servers = haproxy.servers_or_none(twin)
        silent = rotation.silent(pools, servers)
        if not (silent or rotation.waiting(wanted, servers, before)) or time.monotonic() > end:
            return rotation.problems(wanted, servers, before) + silent
        host.clock.sleep(_POLL_S)


def _compare(
    host: Host, live: Release, candidate: Release, probes: list[Probe], found: list[Failure]
) -> tuple[list[Failure], list[Failure]]:
    """What failed is asked of the live balancer, too: was it so before?"""
    failed = {(failure.site, failure.probe) for failure in found}
    again = [probe for probe in probes if (probe.site, probe.name) in failed and probe.site in live.manifest.sites]
    before = edge_ask.ask_live(live, again) if again else []
    if any(failure.site is None for failure in found):
        servers = _live_servers(host)
        before += rotation.silent(_pools(candidate), servers) + rotation.problems(rotation.meant(live), servers, servers)
    same = {(probe.site, probe.name) for probe in again if probe in probes_of(live, [probe.site])}
    return regressions(found, before, lambda failure: failure.guard == rotation.SILENT or (failure.site, failure.probe) in same)


def _pools(candidate: Release) -> set[str]:
    return {str(facts["pool"]) for facts in candidate.manifest.sites.values()}


def _live_servers(host: Host) -> list[ServerState]:
    return haproxy.servers_or_none(UnixCli(host.paths.at(haproxy.SOCKET)))
