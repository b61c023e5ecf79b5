"""What a visitor of each site must get through a balancer: its own page, over the right certificate, by the right scheme."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..evenkeel.edge_beside import POOL_HEADER
from .edge_model import EdgeTruth, hsts
from .model import Expect, Probe, Site
from .probes import ANY_STATUS, document, site_probes


def edge_probes(truth: EdgeTruth, site: Site) -> list[dict[str, Any]]:
    """The probes of one site as probes.json spells them, with `tls` and `certificate`."""
    certificate = truth.certificate_of(site).name
    asked = [_over_tls(site, probe) for probe in _asked(site)]
    over_tls = [{**document(probe), "tls": True, "certificate": certificate} for probe in asked]
    return [*over_tls, document(_plain(site))]


def _asked(site: Site) -> list[Probe]:
    """One probe for each name: what the web hosts must answer to it there. And the site's own: forms, uploads, deep pages."""
    every = site_probes(site, "https")
    first = {name: _first(every, name) or _any_answer(site, name) for name in (site.server_name, *site.aliases)}
    named = [replace(probe, name=f"https {name}", headers=(), body=None, own=False) for name, probe in first.items()]
    return named + [probe for probe in every if probe.own and probe not in first.values()]


def _first(probes: list[Probe], host: str) -> Probe | None:
    plain = (probe for probe in probes if probe.host == host and (probe.method, probe.path) == ("GET", "/"))
    return next((probe for probe in plain if {name.lower() for name, _ in probe.headers} <= {"x-forwarded-proto"}), None)


def _any_answer(site: Site, host: str) -> Probe:
    return Probe("", host, "/", Expect(ANY_STATUS, site=site.name))


def _over_tls(site: Site, probe: Probe) -> Probe:
    """HSTS is the balancers' to say; the address that a site sees is theirs to tell, so an access list may differ."""
    promised = {POOL_HEADER: f"^{re.escape(site.pool)}(-[a-z]+)?$"}
    if hsts(site):
        promised["strict-transport-security"] = f"^{re.escape(hsts(site))}$"
    headers = tuple(pair for pair in probe.expect.headers if pair[0] not in promised)
    status = _from_elsewhere(site, probe.expect.status)
    return replace(probe, expect=replace(probe.expect, status=status, headers=(*headers, *promised.items())))


def _from_elsewhere(site: Site, status: tuple[int, ...]) -> tuple[int, ...]:
    if site.access.allow or site.access.deny:
        return tuple(sorted({*status, 200, 401, 403}))
    return status


def _plain(site: Site) -> Probe:
    if site.tls.redirect:
        expect = Expect((301,), location=f"https://{site.server_name}/")
        return Probe("http leads to https", site.server_name, "/", expect)
    asked = _first(site_probes(site), site.server_name) or _any_answer(site, site.server_name)
    status = _from_elsewhere(site, asked.expect.status)
    return replace(asked, name="http", headers=(), expect=replace(asked.expect, status=status))
