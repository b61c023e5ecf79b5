"""What browsers would make of a candidate's TLS: its certificates, compared with those they replace, and its handshakes."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from .probe import Probe
from .release import Release
from .verdict import Failure

GUARD = "tls"
_BEGIN = b"-----BEGIN CERTIFICATE-----"
_LEFT_S = 7 * 86400.0  # one that is renewed has weeks left, so less means that the wrong file came
_LARGEST = 1 << 20
_HOSTS = 10
_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Certificate:
    """The first certificate of a file, and how many there are. Times are seconds since 1970."""

    names: frozenset[str]
    begins: float
    ends: float
    self_signed: bool
    count: int


def check_certificates(
    live: Release, candidate: Release, now: Optional[float] = None, names: Optional[frozenset[str]] = None
) -> Iterator[Failure]:
    """Every certificate file that the candidate brings or changes, against the one that it replaces.

    `names` are the host names that anybody still asks for, where that is known: others may go.
    """
    at = time.time() if now is None else now
    for path, entry in sorted(candidate.manifest.files.items()):
        old = live.manifest.files.get(path)
        if entry.secret or path.endswith((".conf", ".json")) or path.startswith("settings/") or old == entry:
            continue
        new = read(candidate.file(path))
        if new is not None:
            before = read(live.file(path)) if old is not None else None
            if before is not None and names is not None:
                before = replace(before, names=before.names & names)
            for got, expected in problems(new, before, at):
                yield Failure(entry.site, GUARD, "%s: the certificate %s" % (path, got), expected)


def problems(new: Certificate, old: Optional[Certificate], now: float) -> Iterator[tuple[str, str]]:
    """What is wrong with `new` by itself, and what is worse than in `old`."""
    if now < new.begins:
        yield "is not valid yet", "one that is"
    if now > new.ends:
        yield "has expired", "one that is valid"
    elif new.ends - now < _LEFT_S:
        yield "ends in %.1f days" % ((new.ends - now) / 86400), "one that lasts"
    if old is None:
        return
    lost = sorted(old.names - new.names)
    if lost and not any(name.startswith("*.") for name in new.names):
        yield "does not hold the name %s any more" % ", ".join(lost[:5]), "all that the one before held"
    if new.self_signed and not old.self_signed:
        yield "is signed by itself, the one before was not", "one that browsers trust"
    elif new.count < old.count:
        yield "comes without the chain that the one before had", "%d certificates in the file" % old.count


def read(path: str) -> Optional[Certificate]:
    """None for a file that holds no certificate, or one that cannot be read: other guards speak of that."""
    try:
        if os.path.getsize(path) > _LARGEST:
            return None
        with open(path, "rb") as stream:
            data = stream.read()
        if not data.lstrip().startswith(_BEGIN):
            return None
        facts: dict[str, Any] = ssl._ssl._test_decode_cert(path)  # type: ignore[attr-defined]
        names = frozenset(str(value).lower() for kind, value in facts.get("subjectAltName", ()) if kind == "DNS")
        begins, ends = (ssl.cert_time_to_seconds(facts[key]) for key in ("notBefore", "notAfter"))
        return Certificate(names, begins, ends, facts["issuer"] == facts["subject"], data.count(_BEGIN))
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def check_handshakes(probes: Iterable[Probe], there: int, now: int) -> list[Failure]:
    """Hosts with which browsers of today could not speak any more, or those of long ago could again."""
    asked = {probe.host: probe for probe in probes if probe.tls}
    return [failure for probe in list(asked.values())[:_HOSTS] for failure in _handshakes(probe, there, now)]


def _handshakes(probe: Probe, there: int, now: int) -> Iterator[Failure]:
    common = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    old = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
    if not _speaks(probe.host, there, common) and _speaks(probe.host, now, common):
        yield Failure(probe.site, GUARD, "%s refuses TLS 1.2" % probe.host, "a version and a cipher of common browsers")
    if _speaks(probe.host, there, old) and not _speaks(probe.host, now, old):
        yield Failure(probe.site, GUARD, "%s takes TLS 1.0 or 1.1" % probe.host, "1.2 and newer")


def _speaks(host: str, port: int, versions: Sequence[ssl.TLSVersion]) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(ssl.SSLError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version, context.maximum_version = versions
        if versions[1] != ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
        return _connects(context, host, port)
    return False


def _connects(context: ssl.SSLContext, host: str, port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), _TIMEOUT_S) as line:
            context.wrap_socket(line, server_hostname=host).close()
        return True
    except OSError:
        return False
