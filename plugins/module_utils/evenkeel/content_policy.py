"""Does a page's Content-Security-Policy let a browser load the page's own parts? Pure.

A page that is right in every byte is bare when its policy forbids its stylesheet. Only parts of the page's own host are
looked at: whose the others are, and what for, is for the author to know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Optional

from .probe import Answer

HEADER = "content-security-policy"
_PART = re.compile(r"<(script|link|img)\b([^>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(src|href|rel)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:(?P<scheme>[a-z][a-z0-9+.-]*):)?//(?P<host>[^/?#:]+)|(?P<other>[a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SOURCE = re.compile(r"(?:https?://)?(?P<host>[^/:]+)")
_ASKED = {  # which lists speak for a part, the first that is there
    "script": ("script-src-elem", "script-src", "default-src"),
    "link": ("style-src-elem", "style-src", "default-src"),
    "img": ("img-src", "default-src"),
}
_ANY = ("*", "'self'", "http:", "https:", "'strict-dynamic'")
_CHOSEN = ("'nonce-", "'sha")  # a part may carry its own permission


def forbidden(host: str, answer: Answer) -> Optional[str]:
    """The first of the page's own parts that its policy forbids; None when there is none, or no policy."""
    policies = [policy for policy in answer.headers.get(HEADER, "").split(",") if policy.strip()]
    for kind, address in _own_parts(host, answer.body.decode("utf-8", "replace")) if policies else ():
        if not all(_lets(policy, kind, host) for policy in policies):
            return address
    return None


def _own_parts(host: str, page: str) -> Iterator[tuple[str, str]]:
    """Scripts, stylesheets and pictures that the page names, as (kind, address)."""
    for tag in _PART.finditer(page):
        kind = tag[1].lower()
        values = {found[1].lower(): found[2] or found[3] or found[4] or "" for found in _ATTRIBUTE.finditer(tag[2])}
        address = values.get("href" if kind == "link" else "src", "")
        is_sheet = "stylesheet" in values.get("rel", "").lower().split()
        if address and (kind != "link" or is_sheet) and _is_own(host, address):
            yield kind, address


def _is_own(host: str, address: str) -> bool:
    absolute = _ABSOLUTE.match(address)
    return absolute is None or (absolute["host"] or "").lower() == host


def _lets(policy: str, kind: str, host: str) -> bool:
    """Whether one policy lets a browser load a part of that kind from the page's own host."""
    lists = {words[0].lower(): words[1:] for words in (text.split() for text in policy.split(";")) if words}
    speaking = next((lists[name] for name in _ASKED[kind] if name in lists), None)
    return speaking is None or _names(speaking, host)


def _names(sources: Sequence[str], host: str) -> bool:
    return any(source.lower() in _ANY or source.lower().startswith(_CHOSEN) or _is_of(source, host) for source in sources)


def _is_of(source: str, host: str) -> bool:
    found = _SOURCE.match(source.lower())
    name = found["host"] if found else ""
    return host.endswith(name[1:]) if name.startswith("*.") else name == host
