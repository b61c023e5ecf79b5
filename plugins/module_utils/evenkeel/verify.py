"""Ask the live Apache what its release promises."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from typing import Optional

from .cause import by_site, explain, read_tail, size_of
from .examine import portions
from .host import Host
from .judge import RELEASE_HEADER, judge_all
from .probe import REFUSED, SKIPPED, Answer, Expect, Probe
from .prober import Prober
from .release import Release
from .verdict import Failure

LIVE_PORT = 80
NOBODY = "evenkeel.invalid"  # a name that no site has: the default vhost answers, with its release's stamp
_LOGS = ("/var/log/apache2/error.log", "/var/log/php*.log")
_PATIENCE_S = 20.0
_REFUSED_S = 5.0
_POLL_S = 0.05
_IN_A_ROW = 3


def verify(
    host: Host, release: Release, sites: Iterable[str], known: frozenset[tuple[str, str]], port: int = LIVE_PORT
) -> list[Failure]:
    """Failures of the live Apache against the probes of `release` for `sites`, but for `known` (site, probe) pairs.

    Every answer must carry the stamp of `release`, so that an old process or another release cannot answer for it.
    """
    there = Prober(port)
    before = {log: size_of(log) for pattern in _LOGS for log in glob.glob(host.paths.at(pattern))}
    found: list[Failure] = []
    for portion in portions(release, list(sites)):
        probes = [probe for probe in portion if (probe.site, probe.name) not in known]
        found += judge_all(probes, there.ask(probes), release.id)
    if not found:
        return []
    lines = [line for log, size in before.items() for line in read_tail(log, size)]
    return explain(found, by_site(lines, release.manifest))


def ask_live(probes: list[Probe], port: int = LIVE_PORT) -> list[Failure]:
    """Failures of these probes, whatever release answers; none when there is no live server to compare with."""
    answers = Prober(port).ask(probes)
    if all(answer.error == REFUSED for answer in answers):
        return []
    asked = [pair for pair in zip(probes, answers) if pair[1].error != SKIPPED]
    return judge_all([probe for probe, _ in asked], [answer for _, answer in asked])


def await_release(
    host: Host, release: Release, port: int = LIVE_PORT, header: str = RELEASE_HEADER, server: str = "Apache"
) -> Optional[str]:
    """Wait until new connections are answered by `release`; otherwise one sentence that says who answers instead."""
    began = host.clock.monotonic()
    row, refused_since = 0, began
    while True:
        answer = _stamp(port)
        row = row + 1 if answer.headers.get(header) == release.id else 0
        now = host.clock.monotonic()
        refused_since = refused_since if answer.error == REFUSED else now
        if row == _IN_A_ROW:
            return None
        if now - began > _PATIENCE_S or now - refused_since > _REFUSED_S:
            return _who_answers(answer, header, server, release.id, now - began)
        host.clock.sleep(0 if row else _POLL_S)


def _stamp(port: int) -> Answer:
    """A new connection each time: a kept one may belong to a worker of the old generation."""
    probe = Probe("", "stamp", NOBODY, "/", Expect(status=()), method="HEAD", headers={"Connection": "close"})
    return Prober(port).ask([probe])[0]


def _who_answers(answer: Answer, header: str, server: str, wanted: str, seconds: float) -> str:
    if answer.error is not None:
        return "%s does not answer on port 80 (%s, for %.0f s)" % (server, answer.error, seconds)
    stamp = answer.headers.get(header)
    who = "release %s" % stamp if stamp else "no release of ours (status %s)" % answer.status
    return "after %.0f s new connections are still answered by %s, not by release %s" % (seconds, who, wanted)
