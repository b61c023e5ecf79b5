"""Loads and checks what an edge release is made of, or says everything that is wrong with it."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import networks, truth
from .compile import sites_of
from .edge_model import Backends, Balancer, Certificate, Edge, EdgeTruth, Server, certificate_name, names
from .errors import NoValue, Problem, TruthInvalid, dotted, shown
from .schema import named

Secrets = Mapping[str, Mapping[str, str]]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")
_INTERFACE = re.compile(r"[a-z][a-z0-9._-]{0,14}\Z")
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(rb"-----BEGIN (?:RSA |EC )?PRIVATE KEY-----")


def edge_from(values: Any, where: str = "evenkeel_edge") -> Edge:
    """The edge that the group variable `evenkeel_edge` describes. Raises TruthInvalid."""
    if not isinstance(values, dict):
        raise TruthInvalid([Problem(where, 0, "", "", "a mapping of fields, at least `addresses` and `vrrp_id`")])
    filled = dict(values)
    wrong = named("edge").complaints(filled) or list(_complaints(filled))
    if wrong:
        raise TruthInvalid(Problem(where, 0, dotted(path), shown(path, value), allowed) for path, value, allowed in wrong)
    frozen: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in filled.items()}
    return Edge(**frozen)


def _complaints(values: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    for number, text in enumerate(values["addresses"]):
        try:
            ipaddress.IPv4Interface(text)
        except ValueError:
            yield ("addresses", str(number)), text, "an IPv4 address with its prefix length like 192.0.2.80/24"
    for number, text in enumerate(values["trusted_probers"]):
        if told := networks.complaint(text):
            yield ("trusted_probers", str(number)), text, told


def balancers_from(hosts: list[dict[str, Any]], edge: Edge) -> tuple[Balancer, ...]:
    """The balancers as the inventory lists them; the first is preferred when nobody has the address."""
    problems: list[Problem] = []
    found = []
    for host in hosts:
        name, interface = str(host.get("name", "")), str(host.get("interface") or edge.interface)
        address = _address(host, problems)
        if not _INTERFACE.match(interface):
            problems.append(Problem("inventory", 0, f"{name}.evenkeel_interface", shown((), interface), "an interface like eth0"))
        found.append(Balancer(name, address, interface))
    if len(found) > 20:
        problems.append(Problem("inventory", 0, edge.name, str(len(found)), "at most 20 balancers"))
    if problems:
        raise TruthInvalid(problems)
    return tuple(found)


def servers_from(hosts: list[dict[str, Any]]) -> tuple[Server, ...]:
    """The web hosts of a pool, active ones and backups, as the inventory lists them."""
    problems: list[Problem] = []
    servers = tuple(
        Server(str(host.get("name", "")), _address(host, problems), int(host.get("port") or 80), bool(host.get("backup")))
        for host in hosts
    )
    if problems:
        raise TruthInvalid(problems)
    return servers


def _address(host: dict[str, Any], problems: list[Problem]) -> str:
    """An address, not a name: a balancer that must ask DNS before it starts does not start when DNS is down."""
    name, text = str(host.get("name", "")), str(host.get("address", ""))
    if not _NAME.match(name):
        problems.append(Problem("inventory", 0, shown((), name), "", "a host name of letters, digits and . _ -"))
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        wanted = "an IP address; name it in `evenkeel_address` where ansible_host is a name"
        problems.append(Problem("inventory", 0, f"{name}.ansible_host", shown((), text), wanted))
        return ""


def load(
    edge: Edge,
    balancers: tuple[Balancer, ...],
    pools: tuple[Backends, ...],
    sites_dir: Path,
    keys: Mapping[str, bytes],
    secrets: Secrets,
) -> EdgeTruth:
    """The sites of every pool, and their certificates from `certs/` beside `sites_dir`. Raises TruthInvalid."""
    filled = []
    known = {backends.pool.name for backends in pools}
    problems: list[Problem] = []
    for backends in pools:
        loaded = truth.load(sites_dir, backends.pool, secrets)
        filled.append(replace(backends, sites=sites_of(loaded, backends.pool.name)))
        problems += _homeless(loaded, known)
        problems += _named_as_status(loaded, edge)
    sites = [site for backends in filled for site in backends.sites]
    wanted = sorted({edge.certificate, *(certificate_name(edge, site) for site in sites)})
    certificates = tuple(one for name in wanted if (one := _certificate(sites_dir.parent / "certs", name, keys, problems)))
    if problems:
        raise TruthInvalid(problems)
    return EdgeTruth(edge, balancers, tuple(filled), certificates)


def _homeless(loaded: truth.Truth, known: set[str]) -> Iterator[Problem]:
    for site in loaded.sites:
        if site.pool not in known:
            yield Problem(site.source, 0, "pool", shown((), site.pool), f"a pool of this environment: {', '.join(sorted(known))}")


def _named_as_status(loaded: truth.Truth, edge: Edge) -> Iterator[Problem]:
    """Visitors of such a site would get the status page."""
    for site in loaded.sites:
        if edge.status_name and edge.status_name in names(site):
            yield Problem(site.source, 0, "server_name", shown((), edge.status_name), "another name than the status page has")


def _certificate(folder: Path, name: str, keys: Mapping[str, bytes], problems: list[Problem]) -> Certificate | None:
    place = f"{folder.name}/{name}"
    try:
        chain = (folder / f"{name}.pem").read_bytes()
    except OSError as error:
        problems.append(Problem(f"{place}.pem", 0, "", "", _missing(name, error)))
        return None
    leaf = _PEM.search(chain)
    try:
        der = base64.b64decode(leaf[1], validate=False) if leaf else b""
    except ValueError:
        der = b""
    if not der or b"PRIVATE KEY" in chain:
        problems.append(Problem(f"{place}.pem", 0, "", "", "certificates in PEM form, the site's own first, and no key"))
    if not _KEY.search(keys.get(name, b"")):
        wanted = "a private key in PEM form, without a passphrase; `ansible-vault encrypt` is how it stays secret"
        problems.append(Problem(f"{place}.key", 0, "", shown((), NoValue()), wanted))
    return Certificate(name, chain, keys.get(name, b""), hashlib.sha256(der).hexdigest())


def _missing(name: str, error: OSError) -> str:
    how = "playbooks/certificate.yml makes one" if name == "self-signed" else "put the certificate and its key there"
    return f"a certificate ({error.strerror}); {how}"
