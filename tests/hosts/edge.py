"""A visitor of the balancers, one request at a time or two hundred a second."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import ssl
from pathlib import Path
from types import TracebackType
from typing import Any

from demo.client.load import Backend, Load, Page
from demo.client.process import Stream
from demo.client.record import Visit, failures
from tests.hosts.bed import PROJECT, connection

CERTIFICATE = PROJECT / "molecule/fleet/inventory/certs/self-signed.pem"
PAGES = (
    Page("alpha", "alpha.example", marker="alpha says hello"),
    Page("beta", "beta.example", marker="beta says hello", weight=3),
    Page("beta", "beta.example", marker="{nonce}", method="POST", body="word={nonce}", weight=2),
    Page("plain", "plain.example", marker="plain says hello"),
)


def address(host: str) -> str:
    return str(connection(host)["ansible_host"])


def shared_address() -> str:
    """The one that group_vars/all/scenario.yml derives."""
    return address("f-edge1").rpartition(".")[0] + ".200"


def ask(host: str, path: str = "/", tls: bool = True, at: str = "", **headers: str) -> http.client.HTTPResponse:
    """The answer to one GET, read to its end; the certificate must be right."""
    where = at or shared_address()
    line = http.client.HTTPConnection(where, 443 if tls else 80, timeout=10)
    line.sock = socket.create_connection((where, line.port), 10)
    if tls:
        line.sock = ssl.create_default_context(cafile=str(CERTIFICATE)).wrap_socket(line.sock, server_hostname=host)
    line.request("GET", path, headers={"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}})
    answer = line.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    return answer


def told(**headers: str) -> dict[str, Any]:
    """What PHP was told of a request with these headers."""
    return dict(json.loads(ask("beta.example", **headers).body)["server"])  # type: ignore[attr-defined]


class Crowd:
    """Visitors of every site while the block runs; `failed` says what they did not get."""

    def __init__(self, folder: Path, rate: float = 70) -> None:
        backend = Backend("edge", shared_address(), 443, tls=True, ca=str(CERTIFICATE))
        self._stream = Stream(Load((backend,), PAGES, rate=rate, visitors=6), folder)
        self.visits: list[Visit] = []

    def __enter__(self) -> Crowd:
        self._stream.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.visits = self._stream.stop()

    @property
    def failed(self) -> list[Visit]:
        return failures(self.visits)

    @property
    def longest_silence_s(self) -> float:
        """The longest time in which nobody got a right answer."""
        lost = set(self.failed)
        ends = sorted(visit.until for visit in self.visits if visit not in lost)
        return max(after - before for before, after in itertools.pairwise(ends))
