"""Front pages that answer, with the right text, and yet say too much, too little, or for too long.

Compared with what the live release says: what was so before is nobody's regression.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Callable, Optional

from . import content_policy, page
from .manifest import Manifest
from .probe import Answer, Probe
from .prober import Prober
from .verdict import Failure

GUARD = "manners"
_SITES = 40
_PACKED = 200  # bytes; a shorter page is compressed or not as it comes, by the same Apache
_PROTECTIVE = (
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
)
_VERSION = re.compile(r"\d\.\d")
_LONG = re.compile(r"max-age=[0-9]{7,}")  # twelve days and more: nobody could take such a page back
_MESSAGE = re.compile(rb"<b>(?:Warning|Notice|Deprecated|Fatal error|Parse error)</b>:")
_GZIP = b"\x1f\x8b"
_MARKUP = re.compile(rb"<[!a-zA-Z?]")

_Finding = tuple[str, str]  # got, expected
_Check = Callable[[Answer], Optional[_Finding]]


def compare(
    manifest: Manifest, asked: Sequence[tuple[Probe, Answer]], there: Prober, now: Prober, same_promises: Iterable[str]
) -> list[Failure]:
    """What front pages do wrong now; headers may go only with the promises of a site (`same_promises` did not change)."""
    fronts = list(_fronts(manifest, asked).items())[:_SITES]
    before = now.ask([probe for _, (probe, _) in fronts])
    unchanged = set(same_promises)
    found: list[Failure] = []
    for (site, (probe, answer)), live in zip(fronts, before):
        if live.error is None and answer.error is None and live.status == answer.status:
            found.extend(_failure(probe, finding) for finding in _worse(live, answer, site in unchanged))
            found.extend(_failure(probe, finding) for finding in _bare(probe.host, live, answer))
            found.extend(_failure(probe, finding) for finding in page.worse(live, answer))
    packed = list(_compression([probe for _, (probe, _) in fronts], there, now))
    told = {failure.url for failure in packed}
    return found + packed + [failure for failure in _claimed(asked, now) if failure.url not in told] + list(_shared(asked, now))


def _compression(fronts: Sequence[Probe], there: Prober, now: Prober) -> Iterator[Failure]:
    """Pages that came compressed and do not any more, or not so that a browser could read them."""
    packed = [replace(probe, headers={**probe.headers, "Accept-Encoding": "gzip"}) for probe in fronts]
    for probe, live, answer in zip(packed, now.ask(packed), there.ask(packed)):
        if len(_unpacked(live)) >= _PACKED and live.status == answer.status and not _unpacked(answer):
            how = "broken" if answer.headers.get("content-encoding") else "no"
            yield _failure(probe, ("answers a browser with %s compression" % how, "gzip"))
        elif _unpacked(answer) and _varies(live) and not _varies(answer):
            yield _failure(probe, ("is compressed and does not say so to caches", "Vary: Accept-Encoding"))


def _varies(answer: Answer) -> bool:
    said = [word.strip() for word in answer.headers.get("vary", "").lower().split(",")]
    return "accept-encoding" in said or "*" in said


def _shared(asked: Sequence[tuple[Probe, Answer]], now: Prober) -> Iterator[Failure]:
    """Answers that give a visitor his own cookie, and may be given to the next one by any cache between."""
    public = [probe for probe, answer in asked if probe.method == "GET" and _is_shared(answer)][:_SITES]
    for probe, live in zip(public, now.ask(public)):
        if live.error is None and not _is_shared(live):
            yield _failure(probe, ("gives a cookie, and may be kept by caches for everybody", "Cache-Control: private"))


def _is_shared(answer: Answer) -> bool:
    said = {word.strip().partition("=")[0] for word in answer.headers.get("cache-control", "").lower().split(",")}
    return bool(said & {"public", "s-maxage"}) and not said & {"no-store", "private"} and "set-cookie" in answer.headers


def _claimed(asked: Sequence[tuple[Probe, Answer]], now: Prober) -> Iterator[Failure]:
    """Answers that say they are compressed, though nobody asked for it, and are not: browsers show an error."""
    false = [probe for probe, answer in asked if probe.method == "GET" and _is_false(answer)][:_SITES]
    for probe, live in zip(false, now.ask(false)):
        if live.error is None and not _is_false(live):
            yield _failure(probe, ("says that it is compressed, and is not", "what browsers can read"))


def _is_false(answer: Answer) -> bool:
    said = answer.headers.get("content-encoding", "").lower()
    return said in ("gzip", "x-gzip") and bool(answer.body) and not answer.body.startswith(_GZIP)


def _bare(host: str, live: Answer, answer: Answer) -> Iterator[_Finding]:
    """The policy of the page forbids a part that it did not forbid before."""
    part = content_policy.forbidden(host, answer)
    if part is not None and content_policy.forbidden(host, live) is None:
        said = answer.headers[content_policy.HEADER][:80]
        yield "forbids browsers its own %s: Content-Security-Policy: %s" % (part[:60], said), "a page with its parts"


def _unpacked(answer: Answer) -> bytes:
    """What a browser makes of a compressed answer; nothing where it is not compressed, or twice."""
    if answer.headers.get("content-encoding", "").lower() != "gzip":
        return b""
    try:
        body = zlib.decompressobj(31).decompress(answer.body)
    except zlib.error:
        return b""
    return b"" if body.startswith(_GZIP) else body


def _fronts(manifest: Manifest, asked: Sequence[tuple[Probe, Answer]]) -> Mapping[str, tuple[Probe, Answer]]:
    """One answer a site: that of its own name, asked by somebody without credentials."""
    fronts: dict[str, tuple[Probe, Answer]] = {}
    for probe, answer in asked:
        facts = manifest.sites.get(probe.site, {})
        plain = probe.method == "GET" and not any(name.lower() == "authorization" for name in probe.headers)
        if plain and probe.path == "/" and probe.host == facts.get("server_name"):
            fronts.setdefault(probe.site if not probe.tls else probe.site + " tls", (probe, answer))
    return fronts


def _worse(live: Answer, answer: Answer, keeps_headers: bool) -> list[_Finding]:
    found = [finding for check in _CHECKS if (finding := check(answer)) is not None and check(live) is None]
    if _MARKUP.match(live.body) and not _MARKUP.match(answer.body) and _MARKUP.search(answer.body):
        found.append(("sends %d bytes before its page begins" % _before_markup(answer.body), "the page and nothing else"))
    if keeps_headers:
        found += [
            ("lost the header %s: %s" % (name, live.headers[name][:60]), "it, because nobody took it away")
            for name in _PROTECTIVE
            if name in live.headers and name not in answer.headers
        ]
    return found


def _before_markup(body: bytes) -> int:
    found = _MARKUP.search(body)
    return found.start() if found else len(body)


def _server(answer: Answer) -> Optional[_Finding]:
    server = answer.headers.get("server", "")
    return ("names its version: Server: %s" % server[:60], "no version") if _VERSION.search(server) else None


def _powered(answer: Answer) -> Optional[_Finding]:
    powered = answer.headers.get("x-powered-by", "")
    return ("names its version: X-Powered-By: %s" % powered[:60], "no version") if _VERSION.search(powered) else None


def _cached(answer: Answer) -> Optional[_Finding]:
    cache = answer.headers.get("cache-control", "")
    html = answer.headers.get("content-type", "").lower().startswith("text/html")
    if html and _LONG.search(cache):
        return "may be kept by browsers for weeks: Cache-Control: %s" % cache[:60], "a page that can be changed"
    return None


def _messages(answer: Answer) -> Optional[_Finding]:
    found = _MESSAGE.search(answer.body)
    if found is None:
        return None
    text = answer.body[found.start() : found.start() + 120].decode("utf-8", "replace")
    return "shows PHP's own words: %s" % " ".join(re.sub(r"<[^>]*>", "", text).split()), "them in the log"


_CHECKS: tuple[_Check, ...] = (_server, _powered, _cached, _messages)


def _failure(probe: Probe, finding: _Finding) -> Failure:
    return Failure(probe.site, GUARD, finding[0], finding[1], probe.name, probe.host + probe.path)
