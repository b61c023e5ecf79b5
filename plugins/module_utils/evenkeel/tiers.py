"""Which tier a release is for."""

from __future__ import annotations

import os

from .host import Host
from .manifest import EDGE, STAMPS, Manifest
from .services import Services
from .tier import Tier


class Tiers:
    """The tiers of one host; a release says which one it is for.

    What a host needs is imported before anything is done: its engine may be replaced while it runs.
    """

    def __init__(self, host: Host, services: Services) -> None:
        self._host = host
        self._services = services
        self._known = {tier: self._made(tier) for tier in likely(host)}

    def of(self, manifest: Manifest) -> Tier:
        return self._known.get(manifest.tier) or self._made(manifest.tier)  # a host that becomes one of another kind

    def _made(self, tier: str) -> Tier:
        if tier == EDGE:
            from .edge_tier import EdgeTier

            return EdgeTier(self._host, self._services)
        from .web_tier import WebTier

        return WebTier(self._host, self._services)


def likely(host: Host) -> list[str]:
    """The tier of the live release; all of them where there is none yet."""
    live = [tier for tier, stamp in STAMPS.items() if os.path.exists(os.path.join(host.paths.current, stamp))]
    return live or list(STAMPS)
