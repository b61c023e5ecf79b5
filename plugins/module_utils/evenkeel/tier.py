"""What differs between kinds of hosts: which services read a release, and how one asks them. All else serves every kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional, Protocol

from .manifest import Manifest
from .plan import Change
from .release import Release
from .verdict import Failure

Known = frozenset[tuple[str, str]]  # sites and names of probes that failed before


class Tier(Protocol):
    """One kind of host. `hint` is a command that shows what its services say."""

    @property
    def hint(self) -> str: ...

    def follow(self, old: Manifest, new: Manifest, change: Change, insist: bool = False) -> list[str]:
        """Make the services read what `current` points to now; returns what went wrong, one sentence each."""
        ...

    def prepare_boot(self, old: Optional[Manifest], new: Manifest) -> None:
        """What `follow` would do, before the services have started."""
        ...

    def needed_units(self, manifest: Manifest) -> list[str]:
        """Every unit that must run so that a release can answer."""
        ...

    def await_release(self, release: Release) -> Optional[str]:
        """Wait until new connections are answered by `release`; otherwise one sentence that says who answers."""
        ...

    def verify(self, release: Release, sites: Iterable[str], known: Known) -> list[Failure]:
        """What the live services get wrong of the probes of `release`."""
        ...
