"""What a probe sends: one request of HTTP/1.1, as bytes. Pure."""

from __future__ import annotations

import re
from typing import Optional

from .probe import Probe

AGENT = "Evenkeel"  # how our visits call themselves, or end: who learns from logs knows them by it
PROBE_HEADER = "Evenkeel-Probe"  # the error log repeats it, so that each line is known by the probe that caused it
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_TARGET = re.compile(r"[\x21-\x7e]+\Z")
_ENDING = re.compile(r"[\r\n\0]")


def request_bytes(probe: Probe) -> bytes:
    """ValueError when the probe cannot be said in HTTP: a blank in the path, a line end in a header."""
    body = _body(probe)
    target = probe.path or "/"
    if _TOKEN.match(probe.method) is None or _TARGET.match(target) is None:
        raise ValueError("no request: %s %s" % (probe.method[:20], target[:80]))
    lines = ["%s %s HTTP/1.1" % (probe.method, target)]
    lines += [_field(name, value) for name, value in _headers(probe, body).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def _field(name: str, value: str) -> str:
    if _TOKEN.match(name) is None or _ENDING.search(value) is not None:
        raise ValueError("no header: %s" % name[:80])
    return "%s: %s" % (name, value)


def _body(probe: Probe) -> Optional[bytes]:
    if probe.body is None and not probe.body_kb:
        return None
    return (probe.body or "").encode().ljust(probe.body_kb * 1024, b"z")


def _headers(probe: Probe, body: Optional[bytes]) -> dict[str, str]:
    headers = {"Host": probe.host, "User-Agent": AGENT, PROBE_HEADER: probe.path}
    if body is not None:
        headers["Content-Length"] = str(len(body))
    headers.update(probe.headers)
    return headers
