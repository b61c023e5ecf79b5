"""Ask probes over HTTP: few kept-alive connections, no redirects, and a limit on everything that can take long."""

from __future__ import annotations

import http.client
import os
import queue
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from .probe import BROKEN, REFUSED, RESET, SKIPPED, TIMEOUT, UNTRUSTED, Answer, Probe

THREADS = 8
TIMEOUT_S = 10.0
TLS_PORT = 443
MAX_BODY = 1 << 20
_CHUNK = 1 << 16
_PATIENCE = 2  # a site that let this many probes time out is not asked any more
_PATIENCE_IN_ALL = 40  # after that many nobody is, so that a dead database costs a minute and not an hour
_REPEATABLE = ("GET", "HEAD", "OPTIONS")
AGENT = "Evenkeel"  # who learns from logs knows probes by it
PROBE_HEADER = "Evenkeel-Probe"  # the error log repeats it, so that each line is known by the probe that caused it
_PARTIAL_CHAIN = 0x80000  # X509_V_FLAG_PARTIAL_CHAIN; ssl.VERIFY_X509_PARTIAL_CHAIN came with Python 3.10


class Prober:
    """Asks one address; `ask` may be called often. Times are seconds."""

    def __init__(
        self,
        port: int,
        address: str = "127.0.0.1",
        timeout_s: float = TIMEOUT_S,
        threads: int = THREADS,
        tls_port: int = TLS_PORT,
        certificates: str = "",
    ) -> None:
        self._target = (address, port)
        self._tls_target = (address, tls_port)
        self._timeout_s = timeout_s
        self._threads = threads
        self._certificates = certificates  # a folder of <name>.pem; without it nobody's certificate is looked at
        self._late: Counter[str] = Counter()  # probes that timed out, by site; others have no entry

    def crowded(self, threads: int) -> Prober:
        """The same, for so many visitors at once."""
        address, port = self._target
        return Prober(port, address, self._timeout_s, threads, self._tls_target[1], self._certificates)

    def anew(self) -> Prober:
        """The same, with all its patience."""
        return self.crowded(self._threads)

    def ask(self, probes: Sequence[Probe]) -> list[Answer]:
        """The answers, in the order of `probes`. Never raises: what does not answer is an error in its Answer.

        A site that timed out twice is not asked any more, also not by a later call.
        """
        work: queue.SimpleQueue[tuple[int, Probe]] = queue.SimpleQueue()
        for item in enumerate(probes):
            work.put(item)
        answers: dict[int, Answer] = {}
        count = min(self._threads, len(probes))
        workers = [threading.Thread(target=self._work, args=(work, answers), daemon=True) for _ in range(count)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return [answers[number] for number in range(len(probes))]

    def _work(self, work: queue.SimpleQueue[tuple[int, Probe]], answers: dict[int, Answer]) -> None:
        line = _Line(self._target, self._timeout_s)
        while True:
            try:
                number, probe = work.get_nowait()
            except queue.Empty:
                line.close()
                return
            if sum(self._late.values()) >= _PATIENCE_IN_ALL:
                answers[number] = Answer(error=SKIPPED)
                continue
            late = self._late.get(probe.site, 0) >= _PATIENCE
            answers[number] = Answer(error=TIMEOUT, seconds=self._timeout_s) if late else self._ask(line, probe)
            if answers[number].error == TIMEOUT and not late:
                self._late[probe.site] += 1

    def _ask(self, line: _Line, probe: Probe) -> Answer:
        """A kept connection is for plain HTTP; TLS names its host when it begins, so each has its own."""
        if not probe.tls:
            if probe.method not in _REPEATABLE:
                line.close()  # a kept one may end under us, and a form is not sent twice
            return line.ask(probe)
        own = _TlsLine(self._tls_target, self._timeout_s, probe.host, self._certificate(probe))
        answer = own.ask(probe)
        own.close()
        return answer

    def _certificate(self, probe: Probe) -> Optional[str]:
        if not (self._certificates and probe.certificate):
            return None
        return os.path.join(self._certificates, probe.certificate + ".pem")


class _Socket(socket.socket):
    """Socket timeouts begin anew with every byte that drips in; here one deadline covers the whole answer."""

    deadline = 0.0

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("the answer took too long")
        self.settimeout(left)
        return super().recv_into(buffer, nbytes, flags)


class _Line:
    """One connection that is kept for as long as the server keeps it."""

    def __init__(self, target: tuple[str, int], timeout_s: float) -> None:
        self._target = target
        self._timeout_s = timeout_s
        self._connection: Optional[http.client.HTTPConnection] = None

    def ask(self, probe: Probe) -> Answer:
        """A kept connection may have been closed under us: that alone is worth a second try, on a new one."""
        began = time.monotonic()
        reused = self._connection is not None
        try:
            return self._exchange(probe, began)
        except Exception as error:  # whatever a candidate answers, it must not end the prover
            self.close()
            word = _error_word(error)
            if reused and word == RESET and probe.method in _REPEATABLE:
                return self.ask(probe)
            return Answer(error=word, seconds=time.monotonic() - began, detail=getattr(error, "verify_message", ""))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _exchange(self, probe: Probe, began: float) -> Answer:
        connection = self._connect(began)
        _send(connection, probe)
        response = connection.getresponse()
        body = _read(response)
        if response.will_close or not response.isclosed():
            self.close()
        return Answer(response.status, _headers(response.getheaders()), body, None, time.monotonic() - began)

    def _connect(self, began: float) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(*self._target)
            self._socket = _Socket(socket.AF_INET, socket.SOCK_STREAM)
            self._connection.sock = self._socket
            self._socket.settimeout(self._timeout_s)
            self._socket.connect(self._target)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.deadline = began + self._timeout_s
        return self._connection


class _TlsLine(_Line):
    """A connection over TLS to one host name. `certificate` is a PEM file: it alone is trusted, as it is, for that name."""

    def __init__(self, target: tuple[str, int], timeout_s: float, host: str, certificate: Optional[str] = None) -> None:
        super().__init__(target, timeout_s)
        self._host = host
        self._certificate = certificate

    def _connect(self, began: float) -> http.client.HTTPConnection:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self._certificate is None:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        else:
            context.load_verify_locations(self._certificate)
            context.verify_flags |= _PARTIAL_CHAIN
        self._connection = http.client.HTTPConnection(*self._target)
        plain = socket.create_connection(self._target, self._timeout_s)
        self._connection.sock = plain
        self._connection.sock = context.wrap_socket(plain, server_hostname=self._host)
        return self._connection


def _send(connection: http.client.HTTPConnection, probe: Probe) -> None:
    body = _body(probe)
    connection.putrequest(probe.method, probe.path, skip_host=True, skip_accept_encoding=True)
    for name, value in _request_headers(probe, body).items():
        connection.putheader(name, value)
    connection.endheaders(body)


def _body(probe: Probe) -> Optional[bytes]:
    if probe.body is None and not probe.body_kb:
        return None
    return (probe.body or "").encode().ljust(probe.body_kb * 1024, b"z")


def _request_headers(probe: Probe, body: Optional[bytes]) -> dict[str, str]:
    headers = {"Host": probe.host, "User-Agent": AGENT, PROBE_HEADER: probe.path}
    if body is not None:
        headers["Content-Length"] = str(len(body))
    headers.update(probe.headers)
    return headers


def _read(response: http.client.HTTPResponse) -> bytes:
    """At most MAX_BODY bytes; a longer body is left where it is and its connection closed by the caller."""
    parts: list[bytes] = []
    left = MAX_BODY
    while left > 0:
        part = response.read(min(left, _CHUNK))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _headers(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Repeated headers are joined as RFC 9110, section 5.3, reads them."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        key = sys.intern(name.lower())
        joined[key] = joined[key] + ", " + value if key in joined else sys.intern(value)  # most sites say the same
    return joined


def _error_word(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return UNTRUSTED
    if isinstance(error, socket.timeout):
        return TIMEOUT
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    return RESET if isinstance(error, ConnectionError) else BROKEN
