"""Rules of HAProxy that meet more people than they were meant for, and checks that are content with everything. Pure."""

from __future__ import annotations

import re
from typing import Callable, Optional

from .haproxy_lines import Line

_LEAST_RATE = 500
_LEAST_AT_ONCE = 60  # connections; a browser opens six, and an office has one address
_REFUSALS = {"deny", "reject", "tarpit", "silent-drop"}
_RATE = re.compile(r"\{ (?:src|sc\d?)_(?:http_req|http_err|conn|sess)_(rate|cnt|cur)(?:\([^)]*\))? (?:ge|gt) (\d+) \}")
_WITH_QUERY = re.compile(r"%\[(?:url|pathq|capture\.req\.uri)(?:,(?:lower|upper))*\]")  # converters that cut are left alone
_RECASED = re.compile(r"%\[(?:query|url|pathq|capture\.req\.uri)(?:,[^\]]*)?,(?:lower|upper)\b")
_NEEDED = {
    "http-request": {
        "cookie": "logins and baskets",
        "authorization": "logins of programs",
        "accept-encoding": "compression",
        "content-type": "what a form is",
    },
    "http-response": {"set-cookie": "logins and baskets", "location": "redirects", "content-type": "what an answer is"},
}
_DEAD = ("500", "502", "503")


def _rations(line: Line) -> Optional[str]:
    """A page with its pictures is a hundred requests, and an office has one address; a rule for one path may be strict."""
    if line.words[:1] not in (("http-request",), ("tcp-request",)) or not set(line.words) & _REFUSALS:
        return None
    condition = line.text.partition(" if ")[2]
    found = _RATE.fullmatch(condition.strip())
    if found is None:
        return None
    least = _LEAST_AT_ONCE if found[1] == "cur" else _LEAST_RATE
    return "an office behind one address needs more (at least %d)" % least if int(found[2]) < least else None


def _queried(line: Line) -> Optional[str]:
    """`url` and its like hold the query, a path does not: set as one, the query is sent twice."""
    if line.words[:2] not in (("http-request", "set-path"), ("http-request", "replace-path")):
        return None
    return "a path with the query in it, which would follow once more" if _WITH_QUERY.search(line.text) else None


def _strips(line: Line) -> Optional[str]:
    """From every message; a rule for some paths may well do so."""
    if line.words[1:2] != ("del-header",) or len(line.words) != 3:
        return None
    needed = _NEEDED.get(line.words[0], {}).get(line.words[2].lower())
    return "%s would be lost" % needed if needed is not None else None


def _hangs_up(line: Line) -> Optional[str]:
    return "every picture would need a connection of its own" if line.words[:2] == ("option", "httpclose") else None


def _recased(line: Line) -> Optional[str]:
    """Host names know no case, and paths may be one's own; what a query holds is a key, a name or a word of a visitor."""
    if line.words[0] != "http-request" or line.words[1:2] not in (("set-query",), ("set-uri",), ("set-pathq",)):
        return None
    return "keys and names in a query would not be what they were" if _RECASED.search(line.text) else None


def _forgiving(line: Line) -> Optional[str]:
    """A check that an application passes that answers nothing but errors."""
    if line.words[:2] != ("http-check", "expect"):
        return None
    words = [word for word in line.words[2:] if word != "!"]
    kind, pattern = next(((word, value) for word, value in zip(words, words[1:]) if word in ("status", "rstatus")), ("", ""))
    passes = [status for status in _DEAD if kind and _fits(kind, pattern.strip("\"'"), status) != ("!" in line.words)]
    return "a host that answers %s would keep its visitors" % passes[0] if passes else None


def _fits(kind: str, pattern: str, status: str) -> bool:
    if kind == "status":
        ranges = (part.partition("-") for part in pattern.split(","))
        return any(low <= status <= (high or low) for low, _, high in ranges)
    try:
        return re.search(pattern, status) is not None
    except re.error:
        return False


CHECKS: tuple[Callable[[Line], Optional[str]], ...] = (_rations, _queried, _strips, _hangs_up, _recased, _forgiving)
