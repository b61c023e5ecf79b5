"""Read answers of HTTP/1 from a connection (RFC 9112): what framing says is believed, and everything has a limit.

Python's own reader spends most of its time in a parser for e-mail, and loads it before the first answer.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, Optional

MAX_HEAD = 1 << 17  # bytes of a status line and its fields; Apache's own limit for what comes out of PHP is 8 KiB a field
MAX_FIELDS = 100
_MAX_INTERIM = 10  # answers such as 103 before the one that counts
_MAX_LINE = 1 << 12  # of a chunk: its size, and extensions that nobody uses
_READ = 1 << 16
_BEGIN = b"HTTP/1."
_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(r"HTTP/1\.(\d) +([1-9]\d\d)(?: .*)?\Z", re.DOTALL)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?\n\Z", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,18}\Z")
_BODILESS = (204, 304)

Receive = Callable[[int], bytes]  # at most so many bytes; none when the other side has closed


class NotHttp(Exception):
    """The other side sent something else, or more than anybody needs."""


@dataclass(frozen=True)
class Received:
    """One answer; names of `headers` are in lower case. `kept`: the connection may be used again."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    kept: bool


@dataclass(frozen=True)
class _Head:
    minor: int
    status: int
    headers: Mapping[str, str]

    def stays(self) -> bool:
        said = _tokens(self.headers.get("connection", ""))
        return "close" not in said and (self.minor > 0 or "keep-alive" in said)


class Answers:
    """The answers that come over one connection, one after the other."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ahead = b""  # received, not read

    def read(self, method: str, most: int) -> Received:
        """The answer to a request; of its body at most `most` bytes, after which the connection is of no use.

        NotHttp; ConnectionResetError when the other side closed without a word; whatever `receive` raises.
        """
        head = self._final_head()
        if method == "HEAD" or head.status in _BODILESS:
            return self._received(head, b"", whole=True)
        if "transfer-encoding" in head.headers:
            if _tokens(head.headers["transfer-encoding"])[-1:] != ["chunked"]:
                return self._received(head, self._until(most), whole=False)
            body, whole = self._chunks(most)
            return self._received(head, body, whole and "content-length" not in head.headers)
        length = _length(head.headers.get("content-length"))
        body = self._until(most if length is None else min(length, most))
        return self._received(head, body, whole=len(body) == length)

    def _received(self, head: _Head, body: bytes, whole: bool) -> Received:
        """What came after an answer that was whole belongs to nobody, and must not be taken for the next one."""
        return Received(head.status, head.headers, body, whole and not self._ahead and head.stays())

    def _final_head(self) -> _Head:
        for _ in range(_MAX_INTERIM):
            head = _parse(self._raw_head())
            if head.status >= 200 or head.status == 101:
                break
        if head.status < 200:
            raise NotHttp("status %d is no answer" % head.status)
        return head

    def _raw_head(self) -> bytes:
        """Status line and fields, with the line ends of all of them."""
        found = _HEAD_END.search(self._ahead)
        while found is None:
            if len(self._ahead) > MAX_HEAD:
                raise NotHttp("a head of more than %d bytes" % MAX_HEAD)
            if not self._ahead.startswith(_BEGIN[: len(self._ahead)]):  # who speaks something else may wait for us to speak
                raise NotHttp("no status line")
            seen = max(0, len(self._ahead) - 2)
            if not self._more():
                if not self._ahead:
                    raise ConnectionResetError("closed without an answer")
                raise NotHttp("closed within a head")
            found = _HEAD_END.search(self._ahead, seen)
        head, self._ahead = self._ahead[: found.start() + 1], self._ahead[found.end() :]
        if len(head) > MAX_HEAD:
            raise NotHttp("a head of more than %d bytes" % MAX_HEAD)
        return head

    def _until(self, most: int) -> bytes:
        """`most` bytes, or fewer when the other side closes before."""
        parts, left = [self._ahead[:most]], most - len(self._ahead[:most])
        self._ahead = self._ahead[most:]
        while left > 0:
            part = self._receive(min(left, _READ))
            if not part:
                break
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _chunks(self, most: int) -> tuple[bytes, bool]:
        """The body of chunks, and whether it was read to its end."""
        parts: list[bytes] = []
        left = most
        while True:
            size = _chunk_size(self._line(_MAX_LINE))
            if size == 0:
                self._skip_trailer()
                return b"".join(parts), True
            part = self._exactly(min(size, left))
            parts.append(part)
            left -= len(part)
            if len(part) < size:
                return b"".join(parts), False
            if self._line(2) not in (b"\r\n", b"\n"):
                raise NotHttp("a chunk is longer than it says")

    def _skip_trailer(self) -> None:
        left = MAX_HEAD
        while left > 0:
            line = self._line(left)
            if line in (b"\r\n", b"\n"):
                return
            left -= len(line)
        raise NotHttp("a trailer of more than %d bytes" % MAX_HEAD)

    def _exactly(self, size: int) -> bytes:
        part = self._until(size)
        if len(part) < size:
            raise NotHttp("closed within a chunk")
        return part

    def _line(self, most: int) -> bytes:
        end = self._ahead.find(b"\n") + 1
        while not end:
            if len(self._ahead) >= most:
                raise NotHttp("a line of more than %d bytes" % most)
            seen = len(self._ahead)
            if not self._more():
                raise NotHttp("closed within a line")
            end = self._ahead.find(b"\n", seen) + 1
        if end > most:
            raise NotHttp("a line of more than %d bytes" % most)
        line, self._ahead = self._ahead[:end], self._ahead[end:]
        return line

    def _more(self) -> bool:
        part = self._receive(_READ)
        self._ahead += part
        return bool(part)


def _parse(raw: bytes) -> _Head:
    lines = [line[:-1] if line.endswith("\r") else line for line in raw.decode("latin-1").split("\n")[:-1]]
    status = _STATUS.match(lines[0])
    if status is None:
        raise NotHttp("no status line")
    if len(lines) - 1 > MAX_FIELDS:
        raise NotHttp("more than %d fields" % MAX_FIELDS)
    return _Head(int(status[1]), int(status[2]), _fields(lines[1:]))


def _fields(lines: list[str]) -> Mapping[str, str]:
    """Repeated ones are joined (RFC 9110, section 5.3); a line that begins with a blank goes on with the one before."""
    joined: dict[str, str] = {}
    key = ""
    for line in lines:
        if line[:1] in (" ", "\t") and key:
            joined[key] = (joined[key] + " " + line.strip(" \t")).strip(" ")
            continue
        name, colon, value = line.partition(":")
        if not colon or _NAME.match(name) is None:
            raise NotHttp("a field without a name")
        key, value = sys.intern(name.lower()), value.strip(" \t")
        joined[key] = joined[key] + ", " + value if key in joined else sys.intern(value)  # most sites say the same
    return joined


def _length(said: Optional[str]) -> Optional[int]:
    """Bytes of the body, None where nobody says; the same length said twice is one length."""
    if said is None:
        return None
    lengths = {word.strip(" \t") for word in said.split(",")}
    length = lengths.pop()
    if lengths or _LENGTH.match(length) is None:
        raise NotHttp("no length: %r" % said[:40])
    return int(length)


def _chunk_size(line: bytes) -> int:
    found = _SIZE.match(line)
    if found is None:
        raise NotHttp("no size of a chunk")
    return int(found[1], 16)


def _tokens(value: str) -> list[str]:
    return [word.strip(" \t").lower() for word in value.split(",")]
