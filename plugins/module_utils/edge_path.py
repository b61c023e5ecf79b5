"""Ask one web host through a balancer, by the very path that visitors take, also while none of them is sent there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

from .evenkeel.edge_ask import prober
from .evenkeel.errors import HostNotReady
from .evenkeel.host import Clock
from .evenkeel.judge import judge_all, regressions
from .evenkeel.probe import Answer, Probe, probes_of
from .evenkeel.release import Release
from .evenkeel.store import Store
from .evenkeel.verdict import Failure

SERVER_HEADER = "Evenkeel-Server"
NOT_SENT_TO = "does not pass this balancer's check, so %s answered instead; look at Apache and PHP-FPM there"
_POLL_S = 0.3


def live_release(store: Store) -> Release:
    """The balancer's own release; HostNotReady where it has none."""
    current = store.current_id()
    if current is None:
        raise HostNotReady("this balancer has no release yet; run playbooks/edge.yml first")
    return store.load(current)


def wrong_answers(
    balancer: Release, server: str, sites: Sequence[str], release: Optional[str], clock: Clock, wait_s: float
) -> list[Failure]:
    """What `server` gets wrong that visitors get right now; asked anew for `wait_s` seconds, as a first check takes a moment."""
    probes = [_of(server, probe) for probe in probes_of(balancer, sites) if probe.expect.site is not None]
    asker, end = prober(balancer), clock.monotonic() + wait_s
    while True:
        answers = asker.ask(probes)
        found = _from_others(server, answers) or judge_all(probes, answers, release)
        if not found or clock.monotonic() >= end:
            return _worse_than_now(balancer, found)
        clock.sleep(_POLL_S)


def _of(server: str, probe: Probe) -> Probe:
    return replace(probe, headers={**probe.headers, SERVER_HEADER: server})


def _from_others(server: str, answers: Sequence[Answer]) -> list[Failure]:
    """HAProxy asks another host where the chosen one has not passed its check."""
    others = {answer.headers.get(SERVER_HEADER.lower(), server) for answer in answers} - {server}
    return [Failure(None, server, NOT_SENT_TO % ", ".join(sorted(others)))] if others else []


def _worse_than_now(balancer: Release, found: list[Failure]) -> list[Failure]:
    """A site that fails for everybody blocks no host."""
    failed = {(failure.site, failure.probe) for failure in found}
    sites = {failure.site for failure in found if failure.site}
    again = [probe for probe in probes_of(balancer, sites) if (probe.site, probe.name) in failed]
    new, _ = regressions(found, judge_all(again, prober(balancer).ask(again)))
    return new
