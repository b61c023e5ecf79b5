"""Are search engines told to forget a site? A line that was left from staging does so, and nobody sees it for weeks.

Who means it says so: in `headers` of the site file, or with a probe for /robots.txt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from .probe import Answer, Probe
from .prober import Prober
from .release import Release
from .verdict import Failure

GUARD = "robots"
HEADER = "x-robots-tag"
PATH = "/robots.txt"
_SITES = 10
_HIDES = ("noindex", "none")
_EVERYBODY = ("", "*", "googlebot", "bingbot")


def compare(candidate: Release, fronts: Sequence[tuple[Probe, Answer]], there: Prober, now: Prober) -> list[Failure]:
    """Sites that send search engines away, by a header of the front page or by robots.txt, and that live lets them find."""
    pages = [(probe, answer) for probe, answer in fronts if HEADER not in {name.lower() for name in probe.expect.headers}]
    hidden = [probe for probe, answer in pages[:_SITES] if _is_hidden(answer)]
    asked = [replace(probe, path=PATH) for probe, _ in pages[:_SITES] if PATH not in _promised(candidate, probe.site)]
    shut = [probe for probe, answer in zip(asked, there.ask(asked)) if is_shut(answer)]
    found = [_header(probe) for probe, live in zip(hidden, now.ask(hidden)) if not _is_hidden(live)]
    return found + [_file(probe) for probe, live in zip(shut, now.ask(shut)) if not is_shut(live)]


def _promised(candidate: Release, site: str) -> set[str]:
    return {str(probe["path"]) for probe in candidate.probes.get(site, ())}


def _is_hidden(answer: Answer) -> bool:
    rules = (rule.rpartition(":") for rule in answer.headers.get(HEADER, "").lower().split(","))
    return any(name.strip() in _EVERYBODY and word.strip() in _HIDES for name, _, word in rules)


def is_shut(answer: Answer) -> bool:
    """Whether a robots.txt keeps those without a group of their own from everything (RFC 9309)."""
    rules = list(_rules(answer.body.decode("utf-8", "replace").splitlines())) if answer.status == 200 else []
    return ("disallow", "/") in rules and not any(name == "allow" and value for name, value in rules)


def _rules(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The lines of the groups for `*`; agents that follow each other share a group."""
    agents: list[str] = []
    begun = False
    for line in lines:
        name, _, value = (part.strip().lower() for part in line.split("#", 1)[0].partition(":"))
        if name == "user-agent":
            agents = [value] if begun else [*agents, value]
            begun = False
        elif name in ("allow", "disallow"):
            begun = True
            if "*" in agents:
                yield name, value


def _header(probe: Probe) -> Failure:
    got = "tells search engines to forget the site: X-Robots-Tag"
    return _failure(probe, got, "none, or the same among the headers of site.yml")


def _file(probe: Probe) -> Failure:
    return _failure(probe, "keeps search engines from the whole site", "no such rule, or a probe that asks for /robots.txt")


def _failure(probe: Probe, got: str, expected: str) -> Failure:
    return Failure(probe.site, GUARD, got, expected, probe.name, probe.host + probe.path)
