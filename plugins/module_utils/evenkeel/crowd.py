"""Several visitors at once, for sites whose PHP pool changed: one request at a time does not show that only one is served."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Optional

from .probe import Answer, Probe
from .prober import Prober
from .slow import GUARD, SLOW_S
from .verdict import Failure

VISITORS = 12
_SITES = 5
_PAGE_S = (0.1, 0.6)  # pages that wait for something; those that calculate would measure the processor
_TIMES = 4


def slower(
    asked: Sequence[tuple[Probe, Answer]], sites: Iterable[str], ports: tuple[int, int], release: str
) -> list[Failure]:
    """A failure for each site whose page serves a crowd much later than live does; `ports` are twin's and live's."""
    failures = []
    for site, probe in list(_pages(asked, set(sites)).items())[:_SITES]:
        there, live = _crowd(probe, ports[0]), _crowd(probe, ports[1])
        if there is None or live is None:
            continue
        if there > max(SLOW_S, _TIMES * live) and (_crowd(probe, ports[0]) or 0.0) > max(SLOW_S, _TIMES * live):
            got = "answered %d visitors at once after %.1f s" % (VISITORS, there)
            expected = "about %.1f s as release %s needs" % (live, release)
            failures.append(Failure(site, GUARD, got, expected, probe.name, probe.host + probe.path))
    return failures


def _pages(asked: Sequence[tuple[Probe, Answer]], sites: set[str]) -> Mapping[str, Probe]:
    """The slowest page of each site that is fit for it."""
    found: dict[str, tuple[float, Probe]] = {}
    for probe, answer in asked:
        fit = probe.method == "GET" and not probe.tls and answer.error is None and _PAGE_S[0] < answer.seconds < _PAGE_S[1]
        if fit and probe.site in sites and answer.seconds > found.get(probe.site, (0.0, probe))[0]:
            found[probe.site] = (answer.seconds, probe)
    return {site: probe for site, (_, probe) in found.items()}


def _crowd(probe: Probe, port: int) -> Optional[float]:
    """Seconds until all of them were served; None when that server does not serve them at all."""
    began = time.monotonic()
    answers = Prober(port, threads=VISITORS).ask([probe] * VISITORS)
    return None if any(answer.error for answer in answers) else time.monotonic() - began
