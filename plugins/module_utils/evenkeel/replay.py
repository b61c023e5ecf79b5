"""Pages learned from traffic, asked of live and twin in turn: what looked one way to visitors must not look another.

Nobody promised anything of these pages, so live says what is right. A page that does not look like itself when live is
asked twice (a counter, a date, a form with a nonce in its title) says nothing in that respect, and a difference must be
there again when the twin is asked again. A page that the change means to move is left out: the truth has a word for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from . import learned
from .host import Host
from .likeness import TITLE, Difference, differences, site, title
from .neighbours import same_promises
from .plan import Change
from .probe import Answer, Expect, Probe
from .prober import Prober
from .release import Release
from .replayable import covers
from .verdict import Failure
from .verify import LIVE_PORT

GUARD = "learned"
_LIVE_THREADS = 2  # visitors must not queue behind us
_LIVE_TIMEOUT_S = 4.0  # what hangs now was not answered well of late
_BUDGET_S = 6.0  # for the first look; what is suspicious then is asked again, whatever the time
_SLICE = 20
_SUSPECTS = 40
_MEANT = ("kind", "state", "server_name", "document_root")  # who changes these changes pages


@dataclass(frozen=True)
class Asked:
    """One page, as live answered for it, and the twin."""

    probe: Probe
    live: Answer
    twin: Answer


@dataclass(frozen=True)
class Replayed:
    """`pairs` are the pages that were asked, and the twin's answers; `unstable` those that differ by themselves."""

    pairs: tuple[tuple[Probe, Answer], ...] = ()
    failures: tuple[Failure, ...] = ()
    unstable: tuple[str, ...] = ()


def compare(host: Host, live: Release, candidate: Release, change: Change, twin: Prober, failed: Iterable[str]) -> Replayed:
    """Ask both for the pages that visitors asked for, of sites that `change` touches and that have not `failed` yet."""
    sites = [name for name in sorted(set(change.touched) - set(failed)) if _comparable(name, live, candidate)]
    now = Prober(LIVE_PORT, timeout_s=_LIVE_TIMEOUT_S, threads=_LIVE_THREADS)
    asked = _ask(host, _probes(host, live, candidate, sites), twin, now)
    return judge(asked, twin, now, live.id)


def judge(asked: Sequence[Asked], twin: Prober, now: Prober, live: str) -> Replayed:
    """What looks different, and does so again; `live` is the name of the release that is right."""
    suspects = [each for each in asked if differences(each.live, each.twin)][:_SUSPECTS]
    probes = [each.probe for each in suspects]
    failures: list[Failure] = []
    unstable: list[str] = []
    for each, same, again in zip(suspects, now.ask(probes), twin.ask(probes)):
        steady = _steady(each, same, again)
        told = [found for found in steady if found[0] != TITLE or not _has_new_titles(each, again, twin, now)]
        failures += [_failure(each.probe, found, again, live) for found in told[:1]]
        unstable += [] if steady else [each.probe.host + each.probe.path]
    return Replayed(tuple((each.probe, each.twin) for each in asked), tuple(failures), tuple(unstable))


def _comparable(name: str, live: Release, candidate: Release) -> bool:
    """A site that the truth moves is meant to answer otherwise; its probes say how."""
    before, after = live.manifest.sites.get(name), candidate.manifest.sites.get(name)
    if before is None or after is None or not learned.is_learning(after):
        return False
    return all(before[fact] == after[fact] for fact in _MEANT) and same_promises(live, candidate, name)


def _probes(host: Host, live: Release, candidate: Release, sites: Sequence[str]) -> list[Probe]:
    """Without what the site's probes know better, and what the truth itself changes."""
    chosen = []
    rewritten = _rewritten(live, candidate)
    for page in learned.learn(host, candidate.manifest, sites):
        path = page.path.partition("?")[0]
        meant = page.path in _promised(candidate, page.site) or (page.site, path) in rewritten
        if not meant and not any(covers(pattern, path) for pattern in _left_alone(live, page.site)):
            chosen.append(learned.probe(page, candidate.manifest))
    return chosen


def _left_alone(live: Release, name: str) -> list[str]:
    """What the live release excludes, too: a redirect that goes takes its answer with it."""
    return [str(pattern) for pattern in (live.manifest.sites[name].get("learn") or {}).get("exclude", ())]


def _rewritten(live: Release, candidate: Release) -> set[tuple[str, str]]:
    """Site and address of settings files that the release itself changes or takes away, other than programs."""
    old, new = live.manifest.files, candidate.manifest.files
    changed = [path for path in old if path.startswith("settings/") and not path.endswith(".php") and old[path] != new.get(path)]
    files = {(site_, "/" + below) for site_, _, below in (path[len("settings/") :].partition("/") for path in changed)}
    return files | {(site_, re.sub(r"/index\.[^/]*$", "/", address)) for site_, address in files}


def _promised(release: Release, name: str) -> set[str]:
    """Pages whose text is known: their probes say more than a likeness does."""
    probes = release.probes.get(name, ())
    return {str(probe["path"]) for probe in probes if probe.get("method", "GET") == "GET" and probe["expect"].get("contains")}


def _ask(host: Host, probes: Sequence[Probe], twin: Prober, now: Prober) -> list[Asked]:
    """Both answers to what live answers well, a slice at a time, for as long as the budget lasts."""
    end = host.clock.monotonic() + _BUDGET_S
    asked: list[Asked] = []
    for begin in range(0, len(probes), _SLICE):
        if host.clock.monotonic() > end:
            break
        good = _good(probes[begin : begin + _SLICE], now)
        answers = twin.ask([probe for probe, _ in good])
        asked += [Asked(probe, answer, other) for (probe, answer), other in zip(good, answers)]
    return asked


def _good(probes: Sequence[Probe], now: Prober) -> list[tuple[Probe, Answer]]:
    """What live answers well; over TLS where it ends TLS itself, and sends everybody there for the same page."""
    first = [(probe, answer) for probe, answer in zip(probes, now.ask(probes)) if _is_good(probe, answer)]
    moved = [replace(probe, tls=True) for probe, answer in first if _leads_to_itself_over_tls(probe, answer)]
    there = {(probe.site, probe.name): (probe, answer) for probe, answer in zip(moved, now.ask(moved)) if _is_good(probe, answer)}
    return [there.get((probe.site, probe.name), (probe, answer)) for probe, answer in first]


def _leads_to_itself_over_tls(probe: Probe, answer: Answer) -> bool:
    try:
        to = urlsplit(answer.headers.get("location", ""))
    except ValueError:
        return False
    return to.scheme == "https" and to.hostname == probe.host and to.path == probe.path.partition("?")[0]


def _is_good(probe: Probe, answer: Answer) -> bool:
    return answer.status is not None and answer.status < 400 and site(answer) == probe.site


def _steady(each: Asked, same: Answer, again: Answer) -> list[Difference]:
    """The differences that are there twice, in what live keeps when it is asked twice."""
    if same.error is not None or same.status != each.live.status:
        return []
    shaky = {what for what, _, _ in differences(each.live, same)}
    first = {what for what, _, _ in differences(each.live, each.twin)}
    return [found for found in differences(each.live, again) if found[0] in first - shaky]


def _has_new_titles(each: Asked, again: Answer, twin: Prober, now: Prober) -> bool:
    """The change renames the site: its front page has another title, too, and not the same one as this page has now."""
    front = replace(each.probe, name="front page", path="/", expect=Expect(()))
    before, after = title(now.ask([front])[0]), title(twin.ask([front])[0])
    one_for_all = title(again) == after and title(each.live) != before
    return before != after and not one_for_all


def _failure(probe: Probe, difference: Difference, answer: Answer, live: str) -> Failure:
    _, got, expected = difference
    wanted = "%s, as release %s answers visitors" % (expected, live)
    return Failure(probe.site, GUARD, got, wanted, probe.name, probe.host + probe.path, answer.status)
