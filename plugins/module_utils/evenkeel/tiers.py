"""Which tier a release is for."""

from __future__ import annotations

from .edge_tier import EdgeTier
from .host import Host
from .manifest import EDGE, Manifest
from .services import Services
from .tier import Tier
from .web_tier import WebTier


class Tiers:
    """The tiers of one host; a release says which one it is for."""

    def __init__(self, host: Host, services: Services) -> None:
        self._web: Tier = WebTier(host, services)
        self._edge: Tier = EdgeTier(host, services)

    def of(self, manifest: Manifest) -> Tier:
        return self._edge if manifest.tier == EDGE else self._web
