"""Ask probes over HTTP: few kept-alive connections, no redirects, and a limit on everything that can take long."""

from __future__ import annotations

import os
import queue
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Optional

from .http_answer import Answers
from .http_request import request_bytes
from .probe import BROKEN, REFUSED, RESET, SKIPPED, TIMEOUT, UNTRUSTED, Answer, Probe

THREADS = 8
TIMEOUT_S = 10.0
TLS_PORT = 443
MAX_BODY = 1 << 20
_PATIENCE = 2  # a site that let this many probes time out is not asked any more
_PATIENCE_IN_ALL = 40  # after that many nobody is, so that a dead database costs a minute and not an hour
_REPEATABLE = ("GET", "HEAD", "OPTIONS")
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


class _Line:
    """One connection that is kept for as long as the server keeps it."""

    def __init__(self, target: tuple[str, int], timeout_s: float) -> None:
        self._target = target
        self._timeout_s = timeout_s
        self._deadline = 0.0
        self._socket: Optional[socket.socket] = None
        self._answers = Answers(self._receive)

    def ask(self, probe: Probe) -> Answer:
        """A kept connection may have been closed under us: that alone is worth a second try, on a new one."""
        began = time.monotonic()
        reused = self._socket is not None
        try:
            return self._exchange(probe, began)
        except Exception as error:  # whatever a candidate answers, it must not end the prover
            self.close()
            word = _error_word(error)
            if reused and word == RESET and probe.method in _REPEATABLE:
                return self.ask(probe)
            return Answer(error=word, seconds=time.monotonic() - began, detail=getattr(error, "verify_message", ""))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _exchange(self, probe: Probe, began: float) -> Answer:
        asked = request_bytes(probe)
        self._deadline = began + self._timeout_s
        if self._socket is None:
            self._socket = self._connected()
            self._answers = Answers(self._receive)
        self._socket.settimeout(self._left())
        self._socket.sendall(asked)
        got = self._answers.read(probe.method, MAX_BODY)
        if not got.kept:
            self.close()
        return Answer(got.status, got.headers, got.body, None, time.monotonic() - began)

    def _connected(self) -> socket.socket:
        plain = socket.create_connection(self._target, self._timeout_s)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return plain

    def _receive(self, most: int) -> bytes:
        """A socket's own limit begins anew with every byte that drips in; here one deadline covers the whole answer."""
        if self._socket is None:
            raise ConnectionResetError("the connection was closed")
        self._socket.settimeout(self._left())
        return self._socket.recv(most)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("the answer took too long")
        return left


class _TlsLine(_Line):
    """A connection over TLS to one host name. `certificate` is a PEM file: it alone is trusted, as it is, for that name."""

    def __init__(self, target: tuple[str, int], timeout_s: float, host: str, certificate: Optional[str] = None) -> None:
        super().__init__(target, timeout_s)
        self._host = host
        self._certificate = certificate

    def _connected(self) -> socket.socket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self._certificate is None:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        else:
            context.load_verify_locations(self._certificate)
            context.verify_flags |= _PARTIAL_CHAIN
        plain = super()._connected()
        try:
            return context.wrap_socket(plain, server_hostname=self._host)
        except BaseException:
            plain.close()
            raise


def _error_word(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return UNTRUSTED
    if isinstance(error, socket.timeout):
        return TIMEOUT
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    return RESET if isinstance(error, ConnectionError) else BROKEN
