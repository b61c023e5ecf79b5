"""How an answer looks from afar: status class, address, type, title and gross length. Pure.

Two answers to the same visitor's question look alike, whatever the day's news; a broken page does not look like itself.
"""

from __future__ import annotations

import html
import re
from typing import Optional

from .judge import SITE_HEADER, shorten
from .probe import Answer

Difference = tuple[str, str, str]  # what differs, what the other one is like, what the first one is like
TITLE = "title"
_HEAD = 1 << 16
_TIMES = 2.0
_BYTES = 256  # a smaller difference in length is somebody's name, or the time
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)
_SOURCE = b"<?php"
_SAME_TYPE = {"application/javascript": "text/javascript", "application/x-javascript": "text/javascript"}


def differences(live: Answer, other: Answer) -> list[Difference]:
    """In what `other` does not look like `live`, the worst first. What follows from a worse one is left out."""
    if live.error is not None or live.status is None:
        return []
    if other.error is not None or other.status is None:
        return [("status", "did not answer (%s)" % other.error, "%d" % live.status)]
    if other.status // 100 != live.status // 100:
        return [("status", "answered %d%s" % (other.status, _whither(other)), "%d%s" % (live.status, _whither(live)))]
    if site(other) != site(live):
        return [("site", "was answered by site %s" % (site(other) or "(none)"), "site %s" % site(live))]
    found = [_location(live, other), _source(live, other), _type(live, other), _title(live, other), _length(live, other)]
    return [each for each in found if each is not None]


def site(answer: Answer) -> Optional[str]:
    return answer.headers.get(SITE_HEADER)


def title(answer: Answer) -> str:
    """The title of a page; empty where it has none."""
    found = _TITLE.search(answer.body[:_HEAD]) if media(answer) == "text/html" else None
    return "" if found is None else " ".join(html.unescape(found[1].decode("utf-8", "replace")).split())


def media(answer: Answer) -> str:
    """The media type without its parameters."""
    said = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    return _SAME_TYPE.get(said, said)


def charset(answer: Answer) -> str:
    """The character set that the answer names; empty where it names none."""
    found = _CHARSET.search(answer.headers.get("content-type", ""))
    return "" if found is None else found[1].lower()


def _whither(answer: Answer) -> str:
    location = answer.headers.get("location")
    return " to %s" % shorten(location) if location else ""


def _location(live: Answer, other: Answer) -> Optional[Difference]:
    before, after = (answer.headers.get("location", "").partition("?")[0] for answer in (live, other))
    if before == after:
        return None
    return "location", "redirected to %s" % (shorten(after) or "nowhere"), shorten(before) or "no redirect"


def _source(live: Answer, other: Answer) -> Optional[Difference]:
    if _SOURCE not in other.body or _SOURCE in live.body:
        return None
    return "source", "answered %s and shows '<?php'" % other.status, "none of that"


def _type(live: Answer, other: Answer) -> Optional[Difference]:
    """A character set may be added, but not lost: letters with accents would break."""
    before, after = (answer.headers.get("content-type", "") for answer in (live, other))
    if media(live) == media(other) and charset(live) in ("", charset(other)):
        return None
    return "type", "answered with the type %s" % (shorten(after) or "(none)"), shorten(before) or "no type"


def _title(live: Answer, other: Answer) -> Optional[Difference]:
    before, after = title(live), title(other)
    if before == after or media(live) != media(other):
        return None
    return TITLE, "answered with the title '%s'" % shorten(after), "'%s'" % shorten(before)


def _length(live: Answer, other: Answer) -> Optional[Difference]:
    before, after = len(live.body), len(other.body)
    small, large = sorted((before, after))
    if before == 0 or (after > 0 and (large <= small * _TIMES or large - small <= _BYTES)):
        return None
    return "length", "answered with %d bytes" % after, "about %d" % before
