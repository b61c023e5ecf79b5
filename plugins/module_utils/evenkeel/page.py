"""What a browser makes of a page whose status and text are right: can it be read, and is it shown? Pure.

All of it is compared with the live page: what was so before is nobody's regression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional

from .likeness import charset, media
from .probe import Answer

Finding = tuple[str, str]  # got, expected
_UTF8 = ("utf-8", "utf8")
_HIDDEN = re.compile(rb"<(head|title|style)\b.*?(</\1\s*>|\Z)|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_SHOWN = re.compile(rb"<(script|img|svg|video|iframe|object|embed|canvas|frameset|meta\b[^>]*\brefresh)\b", re.IGNORECASE)
_TAG = re.compile(rb"<[^>]*(>|\Z)")
_END = re.compile(rb"</(body|html)\s*>\s*\Z", re.IGNORECASE)


def worse(live: Answer, answer: Answer) -> Iterator[Finding]:
    """What a browser cannot do with `answer` and could with `live`."""
    if media(live) != "text/html" or media(answer) != "text/html":
        return
    for check in (_characters, _download, _broken_off):
        finding = check(live, answer)
        if finding is not None:
            yield finding


def _characters(live: Answer, answer: Answer) -> Optional[Finding]:
    """A page that was moved to another character set on purpose is no UTF-8 any more."""
    said = charset(answer)
    if charset(live) not in _UTF8 or said in ("", *_UTF8) or not _is_utf8(answer.body):
        return None
    return "is said to be %s, and is UTF-8: letters with accents would break" % said, charset(live)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end >= len(body) > 1 << 19  # a long answer is cut somewhere
    return True


def _download(live: Answer, answer: Answer) -> Optional[Finding]:
    if not _is_saved(answer) or _is_saved(live):
        return None
    return "is saved by browsers and not shown: Content-Disposition: attachment", "a page"


def _is_saved(answer: Answer) -> bool:
    return answer.headers.get("content-disposition", "").lower().startswith("attachment")


def _broken_off(live: Answer, answer: Answer) -> Optional[Finding]:
    """A picture or an application that a script draws has no text of its own, and an author may leave out what ends a page."""
    if _text(live.body) and not _text(answer.body) and not _SHOWN.search(answer.body):
        return "has no text any more", "what visitors came to read"
    if live.body.startswith(answer.body) and _END.search(live.body) and not _END.search(answer.body):
        return "breaks off after %d bytes" % len(answer.body), "all %d of them" % len(live.body)
    return None


def _text(body: bytes) -> bytes:
    return _TAG.sub(b" ", _HIDDEN.sub(b" ", body)).strip()
