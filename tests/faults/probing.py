"""Who says what is asked of the three sites: their authors, nobody, or their visitors."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.faults.layout import TRUTH

OWN, NONE, LEARNED = "own", "none", "learned"
KINDS = (OWN, NONE, LEARNED)
SITES = ("app", "static", "secure")
_TIMES = 5
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def apply(folder: Path, kind: str) -> None:
    """Take from the truth in `folder` what authors and house promised, but for the front pages."""
    if kind == OWN:
        return
    house = folder / "house/probes.yml"
    _write(house, {site: _fronts(probes) for site, probes in _read(house).items()})
    for path in (folder / f"sites/{site}/site.yml" for site in SITES):
        if path.is_file():
            values = _read(path)
            _write(path, {**values, "probes": _fronts(values["probes"]), "learn": kind == LEARNED})


def _fronts(probes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [probe for probe in probes if probe["path"] == "/"]


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _write(path: Path, values: Any) -> None:
    path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")


def visit(address: str) -> None:
    """Come as visitors do, who follow links: to every page that its author would have had asked."""
    for host, path, tls in list(_pages()) * _TIMES:
        line = http.client.HTTPConnection(address, timeout=20)
        if tls:
            line.sock = _tls(address, host)
        line.request("GET", path, headers={"Host": host, "User-Agent": _AGENT})
        line.getresponse().read()
        line.close()


def _tls(address: str, host: str) -> ssl.SSLSocket:
    """The certificates are thrown away after the run, so nobody's name is on them."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection((address, 443), 20), server_hostname=host)


def _pages() -> Iterator[tuple[str, str, bool]]:
    for site in SITES:
        values = _read(TRUTH / f"sites/{site}/site.yml")
        for probe in [*values["probes"], *_read(TRUTH / "house/probes.yml").get(site, [])]:
            if probe.get("method", "GET") == "GET" and not probe.get("headers"):
                yield probe.get("host", values["server_name"]), probe["path"], bool(probe.get("tls"))
