"""Lines that HAProxy takes without a word and that visitors pay for. Pure: two texts in, failures out.

Thresholds are far from what anybody sets on purpose. What stands in the live file, too, is nobody's regression.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Callable, Optional

from . import edge_rules
from .haproxy_lines import Line, after, parse, seconds
from .release import Release
from .verdict import Failure

GUARD = "policy"
CONFIG = "haproxy/haproxy.cfg"
_LEAST_S = {
    "connect": (0.1, "a busy host needs longer to take a connection"),
    "client": (5.0, "visitors on slow lines pause longer"),
    "server": (5.0, "slow pages need longer"),
    "http-request": (3.0, "visitors on slow lines need longer to ask"),
    "queue": (0.5, "visitors who wait would be sent away"),
    "check": (0.1, "a busy host would be taken out"),
    "tunnel": (5.0, "WebSockets pause longer"),
}
_MOST_S = {"connect": (10.0, "visitors would wait for a host that is gone"), "check": (10.0, "a host that hangs would stay")}
_DETECTED_S = 15.0  # seconds until a host that died gets no visitors any more
_FEWEST = {"global": 100, "frontend": 50, "listen": 50, "defaults": 50, "server": 4}
_HARD_STOP = "hard-stop-after"
_LEAST_TUNE = {"tune.bufsize": 8192, "tune.http.maxhdr": 50, _HARD_STOP: 10}
_KEPT = ("redispatch", "http-server-close", "idle-close-on-response", "forwardfor", "allbackups", "httpchk")

_Finding = tuple[str, str]  # the line, and why not


def check(live: Release, candidate: Release) -> list[Failure]:
    """What no fleet wants in the candidate's file and the live one does not have."""
    new, old = _lines(candidate), _lines(live)
    before = set() if live.id == candidate.id else {(finding[1], _place(line)) for line, finding in _findings(old)}
    told = [(line, finding) for line, finding in _findings(new) if (finding[1], _place(line)) not in before]
    failures = [_failure("%s:%d: %s: %s" % (CONFIG, line.number, line.text[:120], finding[1])) for line, finding in told]
    return failures + [_failure("%s: %s" % (CONFIG, why)) for why in _lost(old, new)]


def _lines(release: Release) -> list[Line]:
    with open(release.file(CONFIG), encoding="latin-1") as stream:
        return parse(stream.read())


def _findings(lines: Sequence[Line]) -> Iterator[tuple[Line, _Finding]]:
    for line in lines:
        for check_one in _CHECKS:
            why = check_one(line)
            if why is not None:
                yield line, (line.text, why)


def _place(line: Line) -> tuple[str, str, str]:
    return line.section, line.name, line.words[0]


def _timeout(line: Line) -> Optional[str]:
    if line.words[0] != "timeout" or len(line.words) < 3:
        return None
    value = seconds(line.words[2])
    least, most = _LEAST_S.get(line.words[1]), _MOST_S.get(line.words[1])
    if value is None:
        return None
    if least is not None and value < least[0]:
        return "too short, %s (at least %s s; a number without a unit is milliseconds)" % (least[1], least[0])
    return "too long, %s (at most %d s)" % (most[1], most[0]) if most is not None and value > most[0] else None


def _maxconn(line: Line) -> Optional[str]:
    kind = "server" if line.words[0] in ("server", "default-server") else line.section
    value = after(line, "maxconn") if kind == "server" or line.words[0] == "maxconn" else None
    if value is None or not value.isdigit() or kind not in _FEWEST or int(value) == 0:
        return None
    few = int(value) < _FEWEST[kind]
    return "too few, a handful of slow visitors would hold all of them (at least %d)" % _FEWEST[kind] if few else None


def _tuning(line: Line) -> Optional[str]:
    least = _LEAST_TUNE.get(line.words[0])
    if least is None or len(line.words) < 2:
        return None
    value = float(line.words[1]) if line.words[1].isdigit() and line.words[0] != _HARD_STOP else seconds(line.words[1])
    few = value is not None and value < least
    return "too small, requests in flight or with long cookies would be cut off (at least %d)" % least if few else None


def _observes(line: Line) -> Optional[str]:
    """Measured: one tenant that answers 500 then takes every host out, for everybody."""
    if line.words[0] not in ("server", "default-server") or after(line, "observe") != "layer7":
        return None
    harsh = after(line, "on-error") not in (None, "fastinter")
    return "one tenant's errors would take the host away from all others" if harsh or after(line, "on-error") is None else None


def _repeats(line: Line) -> Optional[str]:
    if line.words[0] == "retries" and line.words[1:2] == ("0",):
        return "a connection that fails would not be tried on another host"
    if line.words[0] != "retry-on":
        return None
    hides = [word for word in line.words[1:] if word.isdigit() or word == "all-retryable-errors"]
    return "%s asks again what an application answered" % " ".join(hides) if hides else None


def _late(line: Line) -> Optional[str]:
    """`inter` and `fall` say when a host that died is noticed."""
    if line.words[0] not in ("server", "default-server"):
        return None
    inter, fall = seconds(after(line, "inter") or "2s"), int(_digits(after(line, "fall"), "3"))
    late = (inter or 0) * fall > _DETECTED_S
    return "a host that died would get visitors for %.0f s (at most %d)" % ((inter or 0) * fall, _DETECTED_S) if late else None


def _open_doors(line: Line) -> Optional[str]:
    """HAProxy's own pages and its control are nobody's business."""
    if line.words[:2] == ("stats", "socket"):
        address = line.words[2] if len(line.words) > 2 else ""
        return None if address.startswith(("/", "unix@", "abns@", "fd@")) or "127.0.0.1" in address else "anybody could steer it"
    shown = line.words[0] == "stats" and line.words[1:2] in (("enable",), ("uri",), ("admin",))
    return "visitors could read who is behind it" if shown else None


_CHECKS: tuple[Callable[[Line], Optional[str]], ...] = (
    _timeout,
    _maxconn,
    _tuning,
    _observes,
    _repeats,
    _late,
    _open_doors,
    *edge_rules.CHECKS,
)


def _lost(old: Sequence[Line], new: Sequence[Line]) -> Iterator[str]:
    """What protects requests and is there no more: options where they stood, and the times of a whole section."""
    for option in _KEPT:
        before, after = _having(old, option), _having(new, option)
        standing = {(line.section, line.name) for line in new}
        for section, name in sorted((before - after) & standing):
            yield "%s lost `option %s`" % (" ".join((section, name)).strip(), option)
    for timeout in ("connect", "client", "server"):
        if _timed(old, timeout) and not _timed(new, timeout):
            yield "nothing says `timeout %s` any more, so that connections of the dead are kept for ever" % timeout


def _having(lines: Sequence[Line], option: str) -> set[tuple[str, str]]:
    return {(line.section, line.name) for line in lines if line.words[:2] == ("option", option)}


def _timed(lines: Sequence[Line], timeout: str) -> bool:
    return any(line.words[:2] == ("timeout", timeout) for line in lines)


def _digits(text: Optional[str], otherwise: str) -> str:
    return text if text is not None and text.isdigit() else otherwise


def _failure(got: str) -> Failure:
    return Failure(None, GUARD, got)
