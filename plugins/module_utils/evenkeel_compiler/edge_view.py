"""What the balancers' templates print: everything is decided here, so that they only write it down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .edge_model import Backends, Balancer, EdgeTruth, Server, hsts, names
from .model import Site
from .pool import LOOPBACK, php_versions

Lines = tuple[tuple[str, str], ...]

SERVER_S = 70  # longer than Apache's own limit of a site that names none, so that the answer is Apache's
SHARE = 0.8  # of a web host's workers that balancers use: the rest answers health checks when the host is busy
BUSY = 0.75  # of all connections: from here on the rest is kept for those who have fewer
_PRIORITY = 200

# What only a balancer may say of a visitor: applications believe these names. Prefixes end with a hyphen.
IDENTITY_HEADERS = tuple(
    "forwarded x-real-ip x-client-ip x-cluster-client-ip client-ip true-client-ip cf-connecting-ip fastly-client-ip"
    " x-original-url x-rewrite-url x-original-host x-host x-scheme x-url-scheme front-end-https"
    " x-remote-user remote-user x-authenticated-user x-user x-ssl-client-cert ssl-client-cert proxy".split()
)
HEADER_PREFIXES = ("evenkeel-", "x-forwarded-", "x-ssl-", "ssl-client-")


@dataclass(frozen=True)
class BackendView:
    """One pool as a backend; `checks` are the PHP releases whose master must answer.

    Where so many connections of a pool are busy (`busy_connections`), a site may have no more than `tenant_connections`
    of them at a balancer; 0 means that it may have all.
    """

    name: str
    servers: tuple[Server, ...]
    checks: tuple[str, ...]
    server_connections: int
    busy_connections: int
    tenant_connections: int


@dataclass(frozen=True)
class EdgeView:
    """All that haproxy.cfg needs."""

    backends: tuple[BackendView, ...]
    max_connections: int
    old_process_s: int
    server_s: int
    identity_headers: tuple[str, ...]
    header_prefixes: tuple[str, ...]
    status_name: str


@dataclass(frozen=True)
class MemberView:
    """One balancer among the others, as keepalived.conf shows it."""

    balancer: Balancer
    priority: int
    peers: tuple[str, ...]


def edge_view(truth: EdgeTruth) -> EdgeView:
    """haproxy.cfg's side of the truth."""
    return EdgeView(
        backends=tuple(_backend(backends, truth.edge.tenant_percent) for backends in truth.pools),
        max_connections=truth.edge.max_connections,
        old_process_s=truth.edge.old_process_s,
        server_s=SERVER_S,
        identity_headers=IDENTITY_HEADERS,
        header_prefixes=HEADER_PREFIXES,
        status_name=truth.edge.status_name,
    )


def _backend(backends: Backends, tenant_percent: int) -> BackendView:
    workers = max(1, int(backends.pool.max_request_workers * SHARE))
    every = workers * max(1, sum(not server.backup for server in backends.servers))
    return BackendView(
        name=backends.pool.name,
        servers=backends.servers,
        checks=php_versions(backends.pool, backends.sites),
        server_connections=workers,
        busy_connections=int(every * BUSY),
        tenant_connections=every * tenant_percent // 100 if tenant_percent < 100 else 0,
    )


def member_views(truth: EdgeTruth) -> tuple[MemberView, ...]:
    """The balancers in the inventory's order: the first one takes the address when nobody has it."""
    return tuple(
        MemberView(one, _PRIORITY - 5 * number, tuple(other.address for other in truth.balancers if other is not one))
        for number, one in enumerate(truth.balancers)
    )


def probers(truth: EdgeTruth) -> tuple[str, ...]:
    return tuple(dict.fromkeys(LOOPBACK + truth.edge.trusted_probers))


def maps(truth: EdgeTruth) -> dict[str, Lines]:
    """Name of a map to its lines: host name and value, sorted. Every value is in the site's facts, too."""
    return {
        "pools": tuple(_lines(truth, lambda site: site.pool)),
        "sites": tuple(_lines(truth, lambda site: site.name)),
        "redirects": tuple(_lines(truth, lambda site: "1" if site.tls.redirect else "")),
        "hsts": tuple(_lines(truth, hsts)),
        "timeouts": tuple(_lines(truth, _timeout_ms)),
    }


def _timeout_ms(site: Site) -> str:
    seconds = site.limits.timeout_s
    return str(1000 * (seconds + SERVER_S - 60)) if seconds > 60 else ""


def _lines(truth: EdgeTruth, value: Callable[[Site], str]) -> Iterator[tuple[str, str]]:
    found = {name: value(site) for site in truth.sites for name in names(site)}
    yield from sorted((name, text) for name, text in found.items() if text)
