"""Who gets visitors, as HAProxy means it, against what the truth meant, and against how well the live balancer finds them.

A server line with weight 0, a `backup` too many, another port or a check that no host can pass all survive `haproxy -c`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .errors import InvalidRelease
from .haproxy import READY, STATE, ServerState
from .manifest import SERVERS
from .release import Release
from .verdict import Failure

GUARD = "rotation"
SILENT = "pool"  # guard of a pool that no host serves
BACKUP = "backup"
ACTIVE = "active"
Key = tuple[str, str]


@dataclass(frozen=True)
class Meant:
    """One server of a pool, as the truth has it."""

    pool: str
    name: str
    address: str
    port: int
    backup: bool


def meant(release: Release) -> list[Meant]:
    """What `release` says of its servers; nothing where it is older than this guard. Raises InvalidRelease."""
    if SERVERS not in release.manifest.files:
        return []
    with open(release.file(SERVERS), encoding="ascii") as stream:
        return [_meant(line.split()) for line in stream if line.strip() and not line.startswith("#")]


def _meant(words: Sequence[str]) -> Meant:
    try:
        pool, name, address, port, role = words
        return Meant(pool, name, address, int(port), role == BACKUP)
    except ValueError as error:
        raise InvalidRelease("%s cannot be read: %r" % (SERVERS, " ".join(words)[:80])) from error


def problems(wanted: Iterable[Meant], found: Iterable[ServerState], live: Iterable[ServerState]) -> list[Failure]:
    """One failure for each server that HAProxy would treat otherwise; `live` is what the live balancer sees of them."""
    known = {(server.backend, server.name): server for server in found}
    before = {(server.backend, server.name): server for server in live}
    return [_failure(one, got, expected) for one in wanted for got, expected in _wrong(one, known, before)]


def silent(pools: Iterable[str], found: Sequence[ServerState]) -> list[Failure]:
    """Pools of which no host passes its check: visitors would be served on good luck."""
    well = {server.backend for server in found if _passes(server)}
    return [_silent(pool, [each for each in found if each.backend == pool]) for pool in sorted(set(pools) - well)]


def waiting(wanted: Iterable[Meant], found: Iterable[ServerState], live: Iterable[ServerState]) -> bool:
    """Whether a server that is well for the live balancer has not passed a check here yet."""
    known = {(server.backend, server.name): server for server in found}
    before = {(server.backend, server.name): server for server in live}
    return any(_unwell(one, known, before) for one in wanted)


def _wrong(one: Meant, known: Mapping[Key, ServerState], before: Mapping[Key, ServerState]) -> Iterator[tuple[str, str]]:
    key = (one.pool, one.name)
    server, old = known.get(key), before.get(key)
    if server is None:
        yield "HAProxy has no such server", "it"
        return
    role = BACKUP if server.backup else ACTIVE
    if server.backup != one.backup:
        yield "it is %s" % role, BACKUP if one.backup else ACTIVE
    if (server.address, server.port) != (one.address, one.port):
        told = "visitors are sent to %s:%d, as the file or %s says" % (server.address, server.port, STATE)
        yield told, "%s:%d" % (one.address, one.port)
    if server.weight == 0:
        yield "it has weight 0, so nobody is sent there", "a share of the visitors"
    elif server.stopped_by_file:
        yield "the file takes it out of service", "visitors"
    if old is not None and old.checked and not server.checked:
        yield "nobody checks any more whether it is well", "a check, as now"
    if _unwell(one, known, before):
        yield "it fails its check (%s)" % (server.check or server.status), "that it passes, as for the live balancer"


def _unwell(one: Meant, known: Mapping[Key, ServerState], before: Mapping[Key, ServerState]) -> bool:
    """Only compared with live: a host that is down is no fault of a release."""
    server, old = known.get((one.pool, one.name)), before.get((one.pool, one.name))
    if server is None or old is None or not server.checked:
        return False
    return _passes(old) and old.admin == READY and not _passes(server)


def _silent(pool: str, servers: list[ServerState]) -> Failure:
    said = ", ".join("%s %s" % (server.name, server.check or server.status) for server in servers) or "it has none"
    return Failure(None, SILENT, "no host of pool %s passes its check (%s)" % (pool, said), "one that answers", probe=pool)


def _passes(server: ServerState) -> bool:
    return server.check.startswith(("L7OK", "L4OK", "L6OK"))


def _failure(one: Meant, got: str, expected: str) -> Failure:
    return Failure(None, GUARD, "server %s of pool %s: %s" % (one.name, one.pool, got), expected, "%s/%s" % (one.pool, one.name))
