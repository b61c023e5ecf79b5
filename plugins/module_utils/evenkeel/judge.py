"""Is this the answer that was promised? Pure: a probe and its answer in, a Failure or nothing out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Callable, Optional

from .probe import BROKEN, REFUSED, RESET, SKIPPED, UNTRUSTED, Answer, Expect, Probe
from .verdict import Failure

SITE_HEADER = "evenkeel-site"
RELEASE_HEADER = "evenkeel-release"

# Worst first: a site that gives no answer is worse off than one with a wrong header. `lacks` stands apart, see `worse`.
GUARDS = ("error", "status", "site", "release", "location", "content_type", "header", "contains", "lacks")

_ERRORS = {
    REFUSED: "refused the connection",
    RESET: "closed the connection without an answer",
    BROKEN: "sent something that is not HTTP",
    UNTRUSTED: "presented a certificate that is not the site's",
    SKIPPED: "was not asked, because too many others did not answer",
}
_TEXT_SHOWN = 60

_Finding = tuple[str, str, str]  # guard, got, expected
_Check = Callable[[Expect, Answer], Optional[_Finding]]


def judge(probe: Probe, answer: Answer, release: Optional[str] = None, stamp: str = RELEASE_HEADER) -> Optional[Failure]:
    """The first thing that is wrong with `answer`; with `release`, its header `stamp` must name that release."""
    answer = _as_promised(probe, answer)
    for check in _CHECKS:
        finding = check(probe.expect, answer)
        if finding is None and check is _site and release is not None:
            finding = _release(release, answer, stamp)
        if finding is not None:
            return _failure(probe, answer, finding)
    return None


def _as_promised(probe: Probe, answer: Answer) -> Answer:
    """A redirect within the site may be spelled in full: browsers go to the same page."""
    promised = probe.expect.location
    if not promised or answer.headers.get("location") != _origin(probe) + promised:
        return answer
    return replace(answer, headers={**answer.headers, "location": promised})


def _origin(probe: Probe) -> str:
    said = {name.lower(): value.lower() for name, value in probe.headers.items()}
    return ("https://" if probe.tls or said.get("x-forwarded-proto") == "https" else "http://") + probe.host


def judge_all(
    probes: Sequence[Probe], answers: Sequence[Answer], release: Optional[str] = None, stamp: str = RELEASE_HEADER
) -> list[Failure]:
    found = [judge(probe, answer, release, stamp) for probe, answer in zip(probes, answers)]
    return [failure for failure in found if failure is not None]


def regressions(
    found: Iterable[Failure], live: Iterable[Failure], same_probe: Callable[[Failure], bool] = lambda failure: True
) -> tuple[list[Failure], list[Failure]]:
    """Split into what the change breaks and what was known: live fails that probe, too, and not less badly.

    `same_probe` says whether the live release made the same promise. Where it did not, its failure means only that the
    promise is new; the candidate's failure is then known only if it is the very same one.
    """
    before = {failure.key: failure for failure in live}
    new: list[Failure] = []
    known: list[Failure] = []
    for failure in found:
        old = before.get(failure.key)
        is_new = old is None or (worse(failure, old) if same_probe(failure) else not _same(failure, old))
        (new if is_new else known).append(failure)
    return new, known


def worse(failure: Failure, old: Failure) -> bool:
    """Does `failure` cost a visitor (or a tenant's secrets) more than `old` did?"""
    if "lacks" in (failure.guard, old.guard):
        return failure.guard == "lacks" != old.guard
    if failure.guard == old.guard == "status":
        return _shown(failure.status) and not _shown(old.status)
    return _rank(failure) < _rank(old)


def _same(failure: Failure, old: Failure) -> bool:
    return (failure.guard, failure.got) == (old.guard, old.got)


def _shown(status: Optional[int]) -> bool:
    return status is not None and status < 400


def _rank(failure: Failure) -> int:
    return GUARDS.index(failure.guard) if failure.guard in GUARDS else -1


def _failure(probe: Probe, answer: Answer, finding: _Finding) -> Failure:
    guard, got, expected = finding
    method = "" if probe.method == "GET" else probe.method + " "
    return Failure(probe.site, guard, got, expected, probe.name, method + _scheme(probe) + probe.host + probe.path, answer.status)


def _scheme(probe: Probe) -> str:
    """Balancers answer over both schemes, so it is said; web hosts answer over one."""
    return "https://" if probe.certificate else ""


def _error(expect: Expect, answer: Answer) -> Optional[_Finding]:
    if answer.error is None:
        return None
    late = "did not answer within %.0f s" % answer.seconds
    why = " (%s)" % shorten(answer.detail) if answer.detail else ""
    return "error", _ERRORS.get(answer.error, late) + why, _any_of(expect.status)


def _status(expect: Expect, answer: Answer) -> Optional[_Finding]:
    if answer.status in expect.status:
        return None
    got = "answered %s" % answer.status
    stamp = answer.headers.get(SITE_HEADER)
    if expect.site is not None and stamp is not None and stamp != expect.site:
        got += " from site %s" % stamp
    if answer.status in (301, 302, 303, 307, 308):
        got += " to %s" % shorten(answer.headers.get("location", "nowhere"))
    return "status", got, _any_of(expect.status)


def _site(expect: Expect, answer: Answer) -> Optional[_Finding]:
    stamp = answer.headers.get(SITE_HEADER)
    if expect.site is None or stamp == expect.site:
        return None
    who = "site %s" % shorten(stamp) if stamp is not None else "nobody that Evenkeel knows"
    return "site", "was answered by %s" % who, "site %s" % expect.site


def _release(release: str, answer: Answer, stamp: str) -> Optional[_Finding]:
    said = answer.headers.get(stamp)
    if said == release:
        return None
    what = "release %s" % shorten(said) if said is not None else "no release at all"
    return "release", "was answered by %s" % what, release


def _location(expect: Expect, answer: Answer) -> Optional[_Finding]:
    location = answer.headers.get("location")
    if expect.location is None or location == expect.location:
        return None
    got = "redirected to %s" % shorten(location) if location is not None else "answered without a Location"
    return "location", got, expect.location


def _content_type(expect: Expect, answer: Answer) -> Optional[_Finding]:
    if expect.content_type is None:
        return None
    got = answer.headers.get("content-type", "")
    whole = ";" in expect.content_type
    if (got if whole else got.split(";")[0].strip()).lower() == expect.content_type.lower():
        return None
    return "content_type", "answered with the type %s" % (shorten(got) or "(none)"), expect.content_type


def _header(expect: Expect, answer: Answer) -> Optional[_Finding]:
    for name, pattern in sorted(expect.headers.items()):
        got = answer.headers.get(name.lower(), "")
        if not _matches(pattern, got):
            sent = "the header %s: %s" % (name, shorten(got)) if got else "no header %s" % name
            return "header", "answered with " + sent, "it to match %s" % pattern
    return None


def _contains(expect: Expect, answer: Answer) -> Optional[_Finding]:
    for text in expect.contains:
        if text.encode() not in answer.body:
            return "contains", "answered %s without its text" % answer.status, "'%s'" % shorten(text)
    return None


def _lacks(expect: Expect, answer: Answer) -> Optional[_Finding]:
    for text in expect.lacks:
        if text.encode() in answer.body:
            return "lacks", "answered %s and shows '%s'" % (answer.status, shorten(text)), "none of that"
    return None


_CHECKS: tuple[_Check, ...] = (_error, _status, _site, _location, _content_type, _header, _contains, _lacks)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return pattern == text


def _any_of(statuses: Sequence[int]) -> str:
    texts = [str(status) for status in statuses]
    return " or ".join(texts) if len(texts) <= 3 else "one of %s, ..." % ", ".join(texts[:3])


def shorten(text: Optional[str]) -> str:
    """Foreign text for a message: one line, printable, short."""
    plain = "".join(character if character.isprintable() else " " for character in text or "")
    return plain if len(plain) <= _TEXT_SHOWN else plain[: _TEXT_SHOWN - 3] + "..."
