"""Web hosts: Apache and PHP-FPM."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from .host import Host
from .manifest import Manifest
from .plan import Change
from .release import Release
from .services import Services, needed_units
from .tier import Known
from .verdict import Failure
from .verify import await_release, verify


class WebTier:
    """The tier of hosts that serve sites."""

    hint = "journalctl -u apache2 -n 50"

    def __init__(self, host: Host, services: Services) -> None:
        self._host = host
        self._services = services

    def follow(self, old: Manifest, new: Manifest, change: Change, insist: bool = False) -> list[str]:
        return self._services.follow(old, new, change, **({"insist": True} if insist else {}))

    def prepare_boot(self, old: Optional[Manifest], new: Manifest) -> None:
        self._services.prepare_boot(old, new)

    def needed_units(self, manifest: Manifest) -> list[str]:
        return needed_units(manifest)

    def await_release(self, release: Release) -> Optional[str]:
        return await_release(self._host, release)

    def verify(self, release: Release, sites: Iterable[str], known: Known) -> list[Failure]:
        return verify(self._host, release, sites, known)
