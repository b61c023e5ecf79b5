"""What a pair of balancers is once it was checked: everything its files are rendered from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .model import Pool, Site


@dataclass(frozen=True)
class Server:
    """One web host, as balancers reach it. A backup gets visitors only when no active one is well."""

    name: str
    address: str
    port: int
    backup: bool


@dataclass(frozen=True)
class Balancer:
    """One of the hosts that share the address. `name` is what its keepalived calls itself."""

    name: str
    address: str
    interface: str


@dataclass(frozen=True)
class Backends:
    """One pool of web hosts: who they are, what they have in common, and the sites that they serve."""

    pool: Pool
    servers: tuple[Server, ...]
    sites: tuple[Site, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """`chain` is PEM, the leaf first; `sha256` names it. `key` is PEM, too, and never shown."""

    name: str
    chain: bytes
    key: bytes
    sha256: str


@dataclass(frozen=True)
class Edge:
    """The balancers' own settings (schemas/edge.schema.json). Times are seconds, addresses carry their prefix length."""

    name: str
    addresses: tuple[str, ...]
    vrrp_id: int
    interface: str
    trusted_probers: tuple[str, ...]
    max_connections: int
    old_process_s: int
    tenant_percent: int
    certificate: str
    status_name: str = ""


@dataclass(frozen=True)
class EdgeTruth:
    """All that an edge release is made of."""

    edge: Edge
    balancers: tuple[Balancer, ...]
    pools: tuple[Backends, ...]
    certificates: tuple[Certificate, ...]

    @property
    def sites(self) -> tuple[Site, ...]:
        found = (site for backends in self.pools for site in backends.sites)
        return tuple(sorted(found, key=lambda site: site.name))

    def certificate_of(self, site: Site) -> Certificate:
        return next(one for one in self.certificates if one.name == certificate_name(self.edge, site))


def certificate_name(edge: Edge, site: Site) -> str:
    """`default` means the one that the edge names as its default."""
    return edge.certificate if site.tls.certificate == "default" else site.tls.certificate


def site_facts(truth: EdgeTruth, site: Site) -> dict[str, Any]:
    """What the manifest says of a site at the edge; everything that a map holds of it is here, too."""
    certificate = truth.certificate_of(site)
    return {
        "kind": site.kind,
        "state": site.state,
        "server_name": site.server_name,
        "aliases": list(site.aliases),
        "pool": site.pool,
        "redirect": site.tls.redirect,
        "hsts": hsts(site),
        "timeout_s": site.limits.timeout_s,
        "certificate": {"name": certificate.name, "sha256": certificate.sha256},
        "vhosts": names(site),
        "source": site.source,
    }


def names(site: Site) -> list[str]:
    return [site.server_name, *site.aliases]


def hsts(site: Site) -> str:
    """The value of Strict-Transport-Security; empty where nothing is asked for."""
    if not site.tls.hsts_s:
        return ""
    return f"max-age={site.tls.hsts_s}" + ("; includeSubDomains" if site.tls.hsts_subdomains else "")
