"""One visitor: asks one backend for the pages of one site, and says of each answer what became of it."""

from __future__ import annotations

import errno
import functools
import http.client
import select
import socket
import ssl
import time
import uuid
from dataclasses import replace

from .load import Backend, Page
from .record import Visit

# Only trusted probers see these; for everybody else, sites are told apart by body.
STAMP, SERVER, RELEASE = "Evenkeel-Site", "Evenkeel-Server", "Evenkeel-Release"
LARGEST_ANSWER = 4 << 20
UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN)


class Visitor:
    """A client with at most one open connection.

    With `keeps`, connections are reused as a browser does: one that the server has closed meanwhile is noticed
    before it is used, and a GET that meets the closing itself is sent again over a fresh one, once (RFC 9112,
    9.3.1). That first attempt is written down as `resent`. A POST has a fresh connection and one attempt.
    """

    def __init__(
        self,
        backend: Backend,
        foreign_markers: tuple[str, ...] = (),
        keeps: bool = True,
        timeout_s: float = 10.0,
    ) -> None:
        self.backend = backend
        self._foreign_markers = foreign_markers
        self._keeps = keeps
        self._timeout_s = timeout_s
        self._open: http.client.HTTPConnection | None = None
        self._open_host = ""

    def visit(self, page: Page) -> list[Visit]:
        """What came of asking for `page`: one entry, or two when the first attempt met a closing connection."""
        first = self._attempt(page)
        return [first, self._attempt(page)] if first.outcome == "resent" else [first]

    def leave(self) -> None:
        if self._open:
            self._open.close()
        self._open = None

    def _attempt(self, page: Page) -> Visit:
        reused = self._arrive(page)
        nonce = uuid.uuid4().hex
        at, began, status, who = time.time(), time.monotonic(), 0, ("", "")
        try:
            answer, body = self._ask(page, nonce, began)
            status, who = answer.status, (answer.getheader(SERVER, ""), answer.getheader(RELEASE, ""))
            outcome = self._judge(with_nonce(page, nonce), status, answer.getheader(STAMP), body)
        except (OSError, http.client.HTTPException) as problem:
            self.leave()
            outcome = "resent" if reused and went_away(problem) else name_of(problem)
        if not self._keeps:
            self.leave()
        ms = round((time.monotonic() - began) * 1000, 1)
        return Visit(at, self.backend.name, page.site, page.method, page.path, status, outcome, ms, reused, *who)

    def _arrive(self, page: Page) -> bool:
        """Have a connection to ask over; True when it is one that has been used before."""
        if self._open and page.method == "GET" and self._open_host == page.host and not dropped(self._open.sock):
            return True
        self.leave()
        self._open, self._open_host = connection(self.backend, page.host, self._timeout_s), page.host
        return False

    def _ask(self, page: Page, nonce: str, began: float) -> tuple[http.client.HTTPResponse, bytes]:
        assert self._open is not None
        headers = {"Host": page.host, "User-Agent": "evenkeel-stream", "Accept": "*/*"}
        if page.body is not None:
            headers["Content-Type"] = page.content_type
        if not self._keeps:
            headers["Connection"] = "close"
        body = with_nonce(page, nonce).body
        self._open.request(page.method, page.path, body.encode() if body is not None else None, headers)
        response = self._open.getresponse()
        return response, read_all(response, began + self._timeout_s)

    def _judge(self, page: Page, status: int, stamp: str | None, body: bytes) -> str:
        foreign = any(marker.encode() in body for marker in self._foreign_markers)
        if foreign or (stamp is not None and stamp != page.site):
            return "wrong_site"
        if status not in page.status:
            return "status"
        return "ok" if page.marker.encode() in body else "wrong_body"


def with_nonce(page: Page, nonce: str) -> Page:
    body = page.body.replace("{nonce}", nonce) if page.body is not None else None
    return replace(page, body=body, marker=page.marker.replace("{nonce}", nonce))


def read_all(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """The whole body; a server that trickles is too slow, one that stops early has reset the request."""
    parts, size = [], 0
    while part := response.read1(65536):
        parts.append(part)
        size += len(part)
        if time.monotonic() > deadline:
            raise TimeoutError("the answer did not end")
        if size > LARGEST_ANSWER:
            raise http.client.HTTPException(f"the answer is larger than {LARGEST_ANSWER} bytes")
    if response.length:
        raise http.client.IncompleteRead(b"".join(parts), response.length)
    response.close()  # the answer, not the connection: http.client refuses the next request otherwise
    return b"".join(parts)


def connection(backend: Backend, host: str, timeout_s: float) -> http.client.HTTPConnection:
    if not backend.tls:
        return http.client.HTTPConnection(backend.address, backend.port, timeout=timeout_s)
    return TlsConnection(backend, host, timeout_s)


class TlsConnection(http.client.HTTPConnection):
    """TLS to an address under a name: what the visitor typed is checked, not where the packets go."""

    def __init__(self, backend: Backend, host: str, timeout_s: float) -> None:
        super().__init__(backend.address, backend.port, timeout=timeout_s)
        self._context = trust(backend.ca)
        self._name = host

    def connect(self) -> None:
        super().connect()
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self._name)


@functools.cache
def trust(ca: str | None) -> ssl.SSLContext:
    """Read once: a store of authorities costs more than a handshake."""
    return ssl.create_default_context(cafile=ca)


def dropped(sock: socket.socket | None) -> bool:
    """True when the other side has closed the idle connection: nothing else can arrive there unasked."""
    if sock is None:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def went_away(problem: Exception) -> bool:
    """The connection ended before one byte of an answer."""
    early = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
    return isinstance(problem, early) and not isinstance(problem, http.client.IncompleteRead)


def name_of(problem: Exception) -> str:
    """The class of a request that got no whole answer."""
    if isinstance(problem, TimeoutError):
        return "timeout"
    if isinstance(problem, ConnectionRefusedError):
        return "refused"
    if isinstance(problem, (ConnectionError, http.client.IncompleteRead)):
        return "reset"
    if isinstance(problem, ssl.SSLError):
        return "tls"
    if isinstance(problem, OSError) and problem.errno in UNREACHABLE:
        return "unreachable"
    return "garbled" if isinstance(problem, http.client.HTTPException) else "network"
