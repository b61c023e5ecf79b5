"""The probes that each site gets without asking, and the site's own ones, as probes.json holds them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from typing import Any

from .model import Expect, Probe, Redirect, Site
from .vhost import redirects_aliases

FORWARDED_PROTO = "X-Forwarded-Proto"
SOURCE = "<?php"
LISTING = "Index of /"
HIDDEN = (403, 404)
# A settings file may answer anything when asked for directly, as long as it is not its source.
ANY_STATUS = (200, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410, 500, 503)
MAX_SETTINGS = 2  # settings files asked for by name; the rest is served by the same rules


def site_probes(site: Site, scheme: str = "http") -> list[Probe]:
    """All probes of `site`, the derived ones first; `scheme` is what the visitors of its pool use (EVENKEEL_SCHEME)."""
    if site.state != "active":
        return _not_served(site)
    derived = front_page(site) + _aliases(site, scheme) + _redirects(site) + _exposure(site)
    probes = derived + [_stamped(site, probe) for probe in site.probes]
    added = request_headers(site, scheme)
    return [_as_forwarded(probe, added) for probe in probes] if added else probes


def _as_forwarded(probe: Probe, added: dict[str, str]) -> Probe:
    """As it comes from a balancer: without its headers, an application sends its visitors to HTTPS."""
    said = {name.lower() for name, _ in probe.headers}
    return replace(probe, headers=(*probe.headers, *((name, value) for name, value in added.items() if name.lower() not in said)))


def document(probe: Probe) -> dict[str, Any]:
    """`probe` as probes.json spells it: what it does not care about is left out."""
    expect = probe.expect
    wanted = {
        "status": list(expect.status),
        "site": expect.site,
        "contains": list(expect.contains),
        "lacks": list(expect.lacks),
        "headers": dict(expect.headers),
        "location": expect.location,
        "content_type": expect.content_type,
    }
    return {
        "name": probe.name,
        "host": probe.host,
        "method": probe.method,
        "path": probe.path,
        "headers": dict(probe.headers),
        "body": probe.body,
        "expect": {key: value for key, value in wanted.items() if value not in (None, [], {})},
        **({"body_kb": probe.body_kb} if probe.body_kb else {}),
        **({"own": True} if probe.own else {}),
    }


def request_headers(site: Site, scheme: str) -> dict[str, str]:
    """What a balancer adds to every request of the site."""
    return {FORWARDED_PROTO: "https"} if scheme == "https" and site.tls.redirect else {}


def _not_served(site: Site) -> list[Probe]:
    """Suspended or in maintenance, under every name and deep inside, and nothing else."""
    expect = _closed(site)
    front = [_probe(site, site.state, "/", expect)]
    aliases = [_probe(site, f"{site.state} {alias}", "/", expect, alias) for alias in site.aliases]
    return [*front, *aliases, _probe(site, f"{site.state} everywhere", f"/{site.state}/deep.php", expect)]


def _closed(site: Site) -> Expect:
    if site.state == "suspended":
        return Expect((403,), site=site.name, lacks=(SOURCE,))
    retry = (("retry-after", f"^{site.retry_after_s}$"),)
    return Expect((503,), site=site.name, lacks=(SOURCE,), headers=retry)


def front_page(site: Site) -> list[Probe]:
    """Unless the site says itself what its front page is, or moved it."""
    if _covers(site, "/") or any(_asksfront_page(site, probe) for probe in site.probes):
        return []
    return [_probe(site, "front page", "/", _front_expect(site))]


def _front_expect(site: Site) -> Expect:
    """What somebody without credentials, asking from the host itself, gets on `/`."""
    lacks = (SOURCE, LISTING)
    if _refuses_loopback(site):
        return Expect((403,), site=site.name, lacks=lacks)
    if site.access.basic_auth:
        login = ("www-authenticate", "^Basic ")
        return Expect((401,), site=site.name, lacks=lacks, headers=(login, *_promised(site)))
    return Expect((200,), site=site.name, lacks=lacks, headers=_promised(site))


def _promised(site: Site) -> tuple[tuple[str, str], ...]:
    """The headers that the site file adds to every answer, as patterns."""
    return tuple((name.lower(), f"^{re.escape(value)}$") for name, value in site.headers)


def _aliases(site: Site, scheme: str) -> list[Probe]:
    """Every alias answers as the site, or sends visitors to its name."""
    if redirects_aliases(site):
        target = f"{scheme}://{site.server_name}/"
        expect = Expect((301,), site=site.name, location=target)
        return [_probe(site, f"alias {alias}", "/", expect, alias) for alias in site.aliases]
    if not front_page(site):
        expect = Expect(ANY_STATUS, site=site.name, lacks=(SOURCE, LISTING))
        return [_probe(site, f"alias {alias}", "/", expect, alias) for alias in site.aliases]
    return [_probe(site, f"alias {alias}", "/", _front_expect(site), alias) for alias in site.aliases]


def _redirects(site: Site) -> list[Probe]:
    """Each redirect as written; one that an earlier one hides is not asked."""
    asked = []
    for number, redirect in enumerate(site.redirects):
        path = example_path(redirect)
        if not any(fits(earlier, path) for earlier in site.redirects[:number]):
            location = example_target(redirect)
            expect = Expect((redirect.code,), site=site.name, location=location)
            asked.append(_probe(site, f"redirect {redirect.source}", path, expect))
    return asked


def _exposure(site: Site) -> list[Probe]:
    """What must never be readable. A proxied application owns all its paths, so it is not asked."""
    if site.kind == "proxy":
        return []
    hidden = Expect((401, *HIDDEN) if site.access.basic_auth else HIDDEN, site=site.name, lacks=(SOURCE,))
    backups = [f"/{site.index[0]}.bak", *(f"/{path}~" for path in _php_settings(site))]
    paths = ["/.git/HEAD", "/.env", *backups]
    probes = [_probe(site, f"hidden {path}", path, hidden) for path in paths if not _covers(site, path)]
    return probes + _sources(site)


def _sources(site: Site) -> list[Probe]:
    """A settings file may run or be refused, but is never answered as text."""
    expect = Expect(ANY_STATUS, site=site.name, lacks=(SOURCE,))
    paths = [f"/{path}" for path in _php_settings(site)]
    return [_probe(site, f"source {path}", path, expect) for path in paths if not _covers(site, path)]


def _php_settings(site: Site) -> list[str]:
    return [settings.path for settings in site.settings if settings.path.endswith(".php")][:MAX_SETTINGS]


def _stamped(site: Site, probe: Probe) -> Probe:
    """The site's own probe, and what holds for every answer of the site."""
    expect = probe.expect
    lacks = expect.lacks if SOURCE in expect.lacks else (*expect.lacks, SOURCE)
    headers = expect.headers
    if _asksfront_page(site, probe):
        named = {name.lower() for name, _ in headers}
        headers += tuple((name, value) for name, value in _promised(site) if name not in named)
    return replace(probe, expect=replace(expect, site=site.name, lacks=lacks, headers=headers))


def _probe(site: Site, name: str, path: str, expect: Expect, host: str | None = None) -> Probe:
    return Probe(name=name, host=host or site.server_name, path=path, expect=expect)


def _asksfront_page(site: Site, probe: Probe) -> bool:
    """As a visitor would: a probe that logs in does not prove that others are kept out."""
    logs_in = any(name.lower() == "authorization" for name, _ in probe.headers)
    return (probe.method, probe.path, probe.host) == ("GET", "/", site.server_name) and not logs_in


def _refuses_loopback(site: Site) -> bool:
    """Whether a request from 127.0.0.1 is kept out."""
    if _contains_loopback(site.access.deny):
        return True
    return bool(site.access.allow) and not _contains_loopback(site.access.allow)


def _contains_loopback(networks: tuple[str, ...]) -> bool:
    loopback = ipaddress.ip_address("127.0.0.1")
    return any(loopback in ipaddress.ip_network(network, strict=False) for network in networks)


def _covers(site: Site, path: str) -> bool:
    return any(fits(redirect, path) for redirect in site.redirects)


def fits(redirect: Redirect, path: str) -> bool:
    """Whether `redirect` answers for `path`."""
    if redirect.source.endswith("/*"):
        return path.startswith(redirect.source[:-1])
    return path == redirect.source


def example_path(redirect: Redirect) -> str:
    """A path that the redirect fits: `/old/*` -> `/old/evenkeel`."""
    return f"{redirect.source[:-1]}evenkeel" if redirect.source.endswith("/*") else redirect.source


def example_target(redirect: Redirect) -> str | None:
    """Where `example_path` must lead; None for 410, which leads nowhere."""
    if not redirect.target:
        return None
    return f"{redirect.target}evenkeel" if redirect.source.endswith("/*") else redirect.target
