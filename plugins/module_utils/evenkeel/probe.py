"""A probe: one request, what its answer must be, and the answer it got. Data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from .errors import InvalidRelease
from .release import Release

REFUSED = "refused"
RESET = "reset"
TIMEOUT = "timeout"
BROKEN = "broken"  # bytes that are not HTTP
UNTRUSTED = "untrusted"  # TLS with somebody else's certificate
SKIPPED = "skipped"  # not asked, because too many others did not answer


@dataclass(frozen=True)
class Expect:
    """What an answer must be; None or empty means that nobody cares. `headers` maps names to regular expressions."""

    status: tuple[int, ...]
    site: Optional[str] = None
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    location: Optional[str] = None
    content_type: Optional[str] = None


@dataclass(frozen=True)
class Probe:
    """One HTTP request; `site` is the site whose promise it is."""

    site: str
    name: str
    host: str
    path: str
    expect: Expect
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Optional[str] = None
    body_kb: int = 0  # the body is filled up to so many KiB
    tls: bool = False
    certificate: Optional[str] = None  # the name of the one that must be presented, and be valid for `host`


@dataclass(frozen=True)
class Answer:
    """What came back: either `error` (one of the words above) or a status. Header names are in lower case."""

    status: Optional[int] = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: Optional[str] = None
    seconds: float = 0.0
    detail: str = ""


def probes_of(release: Release, sites: Iterable[str]) -> list[Probe]:
    """The probes that `release` holds for `sites`, in the order of their names."""
    return [parse(site, raw) for site in sorted(set(sites)) for raw in release.probes.get(site, [])]


def parse(site: str, raw: Mapping[str, Any]) -> Probe:
    """One probe of probes.json; InvalidRelease when it is not one."""
    try:
        return Probe(
            site=site,
            name=str(raw["name"]),
            host=str(raw["host"]),
            path=str(raw["path"]),
            expect=_expect(raw["expect"]),
            method=str(raw.get("method") or "GET"),
            headers=_texts(raw.get("headers")),
            body=None if raw.get("body") is None else str(raw["body"]),
            body_kb=int(raw.get("body_kb") or 0),
            tls=bool(raw.get("tls")),
            certificate=None if raw.get("certificate") is None else str(raw["certificate"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidRelease(
            "probes.json: a probe of %s is not readable: %s: %s" % (site, type(error).__name__, error)
        ) from error


def _expect(raw: Mapping[str, Any]) -> Expect:
    return Expect(
        status=tuple(int(status) for status in raw["status"]),
        site=raw.get("site"),
        contains=tuple(raw.get("contains") or ()),
        lacks=tuple(raw.get("lacks") or ()),
        headers=_texts(raw.get("headers")),
        location=raw.get("location"),
        content_type=raw.get("content_type"),
    )


def _texts(raw: Optional[Mapping[str, Any]]) -> Mapping[str, str]:
    return {str(name): str(value) for name, value in (raw or {}).items()}
