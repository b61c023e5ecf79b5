"""What no probe promises and the live balancer does all the same: it knows a name however it is spelled, uses every host,
serves a crowd, and takes no longer. A candidate that does worse is told."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Optional

from . import manners, neighbours, robots, slow, tls, visitors
from .judge import judge
from .probe import Answer, Probe
from .prober import Prober
from .release import Release
from .verdict import Failure

NAMES, SPREAD, CROWD = "names", "spread", "crowd"
SERVER_HEADER = "evenkeel-server"
POOL_HEADER = "evenkeel-pool"
VISITORS = 40
_SITES = 10
_ROUNDS = 6  # one visitor's requests, one after another
_TIMES = 4
_SPELLINGS = ("{0}:443", "{1}", "{0}.")  # browsers may name the port, and host names know no case (RFC 9110, 4.2.3)


@dataclass(frozen=True)
class Asked:
    """The probes of a proof with the twin's answers, who asks twin and live, and their ports for TLS."""

    pairs: Sequence[tuple[Probe, Answer]]
    there: Prober
    now: Prober
    tls_ports: tuple[int, int]


def compare(live: Release, candidate: Release, asked: Asked, failed: set[Optional[str]]) -> list[Failure]:
    """Twin and live side by side, for sites that live has and that answer as they must; the twin must be running."""
    known = live.manifest.sites
    pairs = [(probe, answer) for probe, answer in asked.pairs if probe.site in known and probe.site not in failed]
    pages = [(probe, answer) for probe, answer in pairs if _is_page(probe, answer)]
    same = [site for site in known if site in candidate.manifest.sites and neighbours.same_promises(live, candidate, site)]
    probes = [probe for probe, _ in pairs]
    return [
        *_names([probe for probe, _ in pages], asked),
        *_spread(pages, asked),
        *_crowd(pages, asked, live.id),
        *slow.slower(pairs, asked.there, asked.now, live.id),
        *manners.compare(live.manifest, pairs, asked.there, asked.now, same),
        *visitors.compare(candidate.manifest, pages, asked.there, asked.now),
        *robots.compare(candidate, visitors.fronts(pages), asked.there, asked.now),
        *tls.check_handshakes(probes, *asked.tls_ports),
    ]


def _is_page(probe: Probe, answer: Answer) -> bool:
    return probe.tls and probe.method == "GET" and probe.path == "/" and answer.status == 200


def _names(pages: Sequence[Probe], asked: Asked) -> Iterator[Failure]:
    """The same name in other spellings leads to the same page."""
    spelled = [
        replace(page, headers={**page.headers, "Host": spelling.format(page.host, page.host.upper())})
        for page in _one_a_site(pages)[:_SITES]
        for spelling in _SPELLINGS
    ]
    wrong = _misjudged(spelled, asked.there)
    before = {_spelling(page) for page, _ in _misjudged([page for page, _ in wrong], asked.now)}
    for page, failure in wrong:
        if _spelling(page) not in before:
            got = "asked for as %s, %s" % (page.headers["Host"], failure.got)
            yield replace(failure, guard=NAMES, got=got, probe="%s as %s" % (page.name, page.headers["Host"]))


def _misjudged(pages: Sequence[Probe], prober: Prober) -> list[tuple[Probe, Failure]]:
    judged = [(page, judge(page, answer)) for page, answer in zip(pages, prober.ask(pages))]
    return [(page, failure) for page, failure in judged if failure is not None]


def _spelling(page: Probe) -> tuple[str, str]:
    return page.site, page.headers["Host"]


def _one_a_site(pages: Iterable[Probe]) -> list[Probe]:
    first: dict[str, Probe] = {}
    for page in pages:
        first.setdefault(page.site, page)
    return list(first.values())


def _spread(pages: Sequence[tuple[Probe, Answer]], asked: Asked) -> Iterator[Failure]:
    """One visitor's requests go to more than one host, where they do so now."""
    for pool, page in _quickest(pages).items():
        used = _servers(page, asked.there)
        if len(used) == 1 and len(before := _servers(page, asked.now)) > 1:
            used |= _servers(page, asked.there)
            if len(used) == 1:
                got = "every request of one visitor went to %s" % ", ".join(used)
                yield Failure(page.site, SPREAD, got, " and ".join(sorted(before)), "spread " + pool, page.host + page.path)


def _servers(page: Probe, prober: Prober) -> set[str]:
    answers = [prober.ask([page])[0] for _ in range(_ROUNDS)]
    return {answer.headers[SERVER_HEADER] for answer in answers if SERVER_HEADER in answer.headers}


def _quickest(pages: Sequence[tuple[Probe, Answer]]) -> dict[str, Probe]:
    """One page a pool, the one that costs its hosts the least."""
    found: dict[str, Probe] = {}
    for probe, answer in sorted(pages, key=_seconds):
        found.setdefault(answer.headers.get(POOL_HEADER, ""), probe)
    return found


def _seconds(page: tuple[Probe, Answer]) -> float:
    return page[1].seconds


def _crowd(pages: Sequence[tuple[Probe, Answer]], asked: Asked, release: str) -> Iterator[Failure]:
    """Visitors who come at once are all served, about as fast as they are now."""
    for pool, page in _quickest(pages).items():
        lost, seconds = _rush(page, asked.there)
        if lost or seconds > slow.SLOW_S:
            lost_now, live = _rush(page, asked.now)
            again, best = _rush(page, asked.there)  # a busy host has bad moments
            lost, seconds = min(lost, again), min(seconds, best)
            if lost > lost_now or (not lost and seconds > max(slow.SLOW_S, _TIMES * live)):
                told = "%d of them got no right answer" % lost if lost else "the last one waited %.1f s" % seconds
                got = "was asked by %d visitors at once, and %s" % (VISITORS, told)
                expected = "what release %s does: %d lost, %.1f s" % (release, lost_now, live)
                yield Failure(page.site, CROWD, got, expected, "crowd " + pool, page.host + page.path)


def _rush(page: Probe, prober: Prober) -> tuple[int, float]:
    """How many of the visitors got no right answer, and when the last one had his."""
    began = time.monotonic()
    answers = prober.crowded(VISITORS).ask([page] * VISITORS)
    return sum(judge(page, answer) is not None for answer in answers), time.monotonic() - began
