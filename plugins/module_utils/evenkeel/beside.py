"""What no probe promises and live does all the same: it keeps files shut, serves them, and does not dawdle."""

from __future__ import annotations

from dataclasses import dataclass

from . import crowd, leftovers, manners, neighbours, robots, slow, tls, visitors
from .host import Host
from .plan import Change
from .probe import Answer, Probe
from .prober import TLS_PORT, Prober
from .release import Release
from .verdict import Failure
from .verify import LIVE_PORT


@dataclass(frozen=True)
class Asked:
    """The probes of a proof and the pages learned from traffic, with what the twin answered, and its ports."""

    pairs: tuple[tuple[Probe, Answer], ...]
    port: int
    tls_port: int


def compare(host: Host, live: Release, candidate: Release, change: Change, asked: Asked) -> list[Failure]:
    """Twin and live side by side, for sites that live has; the twin must be running."""
    there, now = Prober(asked.port, tls_port=asked.tls_port), Prober(LIVE_PORT)
    pairs = [(probe, answer) for probe, answer in asked.pairs if probe.site in live.manifest.sites]
    same = [site for site in change.touched if neighbours.same_promises(live, candidate, site)]
    pools = [site for site in change.twin_pools if site in live.manifest.sites]
    return [
        *slow.slower(pairs, there, now, live.id),
        *manners.compare(live.manifest, pairs, there, now, same),
        *neighbours.compare(host, live, candidate, change, there, now),
        *leftovers.check(live, candidate, change, there),
        *crowd.slower(pairs, pools, (asked.port, LIVE_PORT), live.id),
        *visitors.compare(candidate.manifest, pairs, there, now),
        *robots.compare(candidate, visitors.fronts(pairs), there, now),
        *tls.check_handshakes((probe for probe, _ in asked.pairs), asked.tls_port, TLS_PORT),
    ]


def untold(beside: list[Failure], found: list[Failure]) -> list[Failure]:
    """A page that already fails by its own probe needs no second word."""
    told = {failure.url for failure in found}
    return [failure for failure in beside if failure.url is None or failure.url not in told]
