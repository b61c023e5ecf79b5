"""Ask a twin all that a candidate promises, some hundred sites at a time, and keep what somebody will look at again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from .judge import judge_all
from .probe import REFUSED, TIMEOUT, Answer, Probe, probes_of
from .prober import Prober
from .release import Release
from .verdict import Failure

PORTION = 250  # sites; probes and answers of 5,000 would be a hundred MiB
_LATE_SITES = 8


@dataclass
class Examined:
    """`pairs` are those that can be compared with live; `ended` says that nobody listens any more."""

    failures: list[Failure] = field(default_factory=list)
    pairs: list[tuple[Probe, Answer]] = field(default_factory=list)
    probes: int = 0
    ended: bool = False


def examine(there: Prober, live: Release, candidate: Release, sites: Collection[str]) -> Examined:
    """What `candidate` answers to the probes of `sites`."""
    found = Examined()
    for probes in portions(candidate, sites):
        answers = patiently(there, probes)
        found.probes += len(probes)
        if any(answer.error == REFUSED for answer in answers):
            found.ended = True
            break
        found.failures += judge_all(probes, answers, candidate.id)
        found.pairs += [pair for pair in zip(probes, answers) if pair[0].tls or pair[0].site in live.manifest.sites]
    return found


def portions(release: Release, sites: Collection[str]) -> Iterator[list[Probe]]:
    """The probes of `sites`, those of one site together."""
    names = sorted(set(sites))
    for start in range(0, len(names), PORTION):
        yield probes_of(release, names[start : start + PORTION])


def patiently(there: Prober, probes: list[Probe]) -> list[Answer]:
    """A few sites that were late are asked once more: the twin comes last on a busy host, and that is no fault of theirs."""
    answers = there.ask(probes)
    late = [number for number, answer in enumerate(answers) if answer.error == TIMEOUT]
    if 0 < len({probes[number].site for number in late}) <= _LATE_SITES:
        for number, answer in zip(late, there.anew().ask([probes[number] for number in late])):
            answers[number] = answer
    return answers
