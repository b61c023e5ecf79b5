"""Ask a balancer, the live one or a twin, what its release promises."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

from . import verify as web
from .host import Host
from .judge import judge_all
from .manifest import CERTIFICATES
from .probe import REFUSED, Probe, parse
from .prober import Prober
from .release import Release
from .tier import Known
from .verdict import Failure

STAMP = "evenkeel-edge"
HTTP_PORT = 80
HTTPS_PORT = 443
_OWN_SITES = 40


def prober(release: Release, port: int = HTTP_PORT, tls_port: int = HTTPS_PORT) -> Prober:
    """Trusts the certificates of `release`, each for what it is, and nobody else's."""
    return Prober(port, tls_port=tls_port, certificates=release.file(CERTIFICATES.rstrip("/")))


def probes_for(release: Release, sites: Iterable[str]) -> list[Probe]:
    """Every name of `sites`, and what the authors of the first of them ask themselves: more would take long, and tell no more."""
    named = sorted(set(sites))
    chosen = set(named[:_OWN_SITES])
    asked = ((site, raw) for site in named for raw in release.probes.get(site, []) if site in chosen or not raw.get("own"))
    return [parse(site, raw) for site, raw in asked]


def verify(release: Release, sites: Iterable[str], known: Known) -> list[Failure]:
    """Failures of the live balancer against the probes of `release`; every answer must carry its stamp."""
    probes = [probe for probe in probes_for(release, sites) if (probe.site, probe.name) not in known]
    return judge_all(probes, prober(release).ask(probes), release.id, STAMP)


def ask_live(live: Release, probes: Sequence[Probe]) -> list[Failure]:
    """Failures of these probes, whatever release answers; none when there is no live balancer to compare with."""
    answers = prober(live).ask(probes)
    if all(answer.error == REFUSED for answer in answers):
        return []
    return judge_all(probes, answers)


def await_release(host: Host, release: Release) -> Optional[str]:
    """Wait until new connections are answered by `release`; otherwise one sentence that says who answers instead."""
    return web.await_release(host, release, HTTP_PORT, STAMP, "HAProxy")
