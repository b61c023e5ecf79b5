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
_CHOICE = 20  # a pool that serves one after another makes its quick pages wait as long as the slow one
_PAGE_S = (0.1, 0.6)  # pages that wait for something; those that calculate would measure the processor
_TIMES = 4


def slower(asked: Sequence[tuple[Probe, Answer]], sites: Iterable[str], ports: tuple[int, int], release: str) -> list[Failure]:
    """A failure for each site whose page serves a crowd much later than live does; `ports` are twin's and live's."""
    failures = []
    for site, pages in list(_pages(asked, set(sites)).items())[:_SITES]:
        page = _waiting(pages, ports[1])
        live = None if page is None else _crowd(page, ports[1])
        if page is not None and live is not None:
            best = min(_crowd(page, ports[0]) or 0.0, _crowd(page, ports[0]) or 0.0)
            if best > max(SLOW_S, _TIMES * live):
                got = "answered %d visitors at once after %.1f s" % (VISITORS, best)
                expected = "about %.1f s as release %s needs" % (live, release)
                failures.append(Failure(site, GUARD, got, expected, page.name, page.host + page.path))
    return failures


def _pages(asked: Sequence[tuple[Probe, Answer]], sites: set[str]) -> Mapping[str, list[Probe]]:
    """The slowest pages of each site; what they took in the twin may have been spent in a queue."""
    found: dict[str, list[tuple[float, Probe]]] = {}
    for probe, answer in asked:
        if probe.method == "GET" and not probe.tls and answer.error is None and answer.seconds > _PAGE_S[0]:
            found.setdefault(probe.site, []).append((answer.seconds, probe))
    return {
        site: [probe for _, probe in sorted(pages, key=_seconds)[-_CHOICE:]] for site, pages in found.items() if site in sites
    }


def _seconds(page: tuple[float, Probe]) -> float:
    return page[0]


def _waiting(pages: Sequence[Probe], port: int) -> Optional[Probe]:
    """The slowest one that does not calculate for long, as live answers it to a single visitor."""
    alone = Prober(port, threads=1)
    timed = [(answer.seconds, page) for page, answer in zip(pages, alone.ask(pages)) if answer.error is None]
    fit = [(seconds, page) for seconds, page in timed if _PAGE_S[0] < seconds < _PAGE_S[1]]
    return max(fit, key=_seconds)[1] if fit else None


def _crowd(probe: Probe, port: int) -> Optional[float]:
    """Seconds until all of them were served; None when that server does not serve them at all."""
    began = time.monotonic()
    answers = Prober(port, threads=VISITORS).ask([probe] * VISITORS)
    return None if any(answer.error for answer in answers) else time.monotonic() - began
