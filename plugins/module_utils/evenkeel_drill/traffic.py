"""What the drill's own visitors ask: what the balancers' probes ask of every site, and what the inventory adds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

VISITORS = 6  # of each site, each with at most one request under way


class NothingToAsk(ValueError):
    """No probe is one that a visitor could send, so that a drill would see nothing."""


def load(
    probes: Mapping[str, Sequence[Mapping[str, Any]]],
    more: Iterable[Mapping[str, Any]],
    backend: Mapping[str, Any],
    rate: float,
) -> dict[str, Any]:
    """A load of the client: `probes` by site as in `probes.json`, `more` pages, `rate` requests a second over all sites."""
    pages = [_page(site, probe) for site, asked in sorted(probes.items()) for probe in asked if _for_visitors(probe)]
    pages += [{"status": [200], **page} for page in more]
    if not pages:
        raise NothingToAsk("no site has a page that visitors get over HTTPS with status 200; give evenkeel_drill_pages")
    sites = {page["site"] for page in pages}
    return {"backends": [dict(backend)], "pages": pages, "rate": rate / len(sites), "visitors": VISITORS, "timeout_s": 10.0}


def _for_visitors(probe: Mapping[str, Any]) -> bool:
    """A page over TLS that everybody may read; a probe that orders something, or names itself, is not repeated all the while."""
    plain = probe.get("method", "GET") == "GET" and not probe.get("headers") and not probe.get("body")
    return bool(plain and probe.get("tls") and 200 in probe["expect"]["status"])


def _page(site: str, probe: Mapping[str, Any]) -> dict[str, Any]:
    marker = next(iter(probe["expect"].get("contains", ())), "")
    return {"site": site, "host": probe["host"], "path": probe["path"], "status": probe["expect"]["status"], "marker": marker}
