"""What proves the releases of a host, by their tier."""

from __future__ import annotations

from typing import Callable

from .host import Host
from .manifest import EDGE, Manifest
from .plan import Change
from .release import Release
from .tiers import likely
from .verdict import Verdict

Prove = Callable[[Host, Release, Release, Change], Verdict]  # the live release, the candidate, and what it changes


class Provers:
    """Imports what proves a release of this host before anything is done, as `Tiers` does with the tiers themselves."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._known = {tier: _prover(tier) for tier in likely(host)}

    def prove(self, live: Release, candidate: Release, change: Change) -> Verdict:
        """Run the candidate beside the live release and ask it; nothing live is changed."""
        return self._of(candidate.manifest)(self._host, live, candidate, change)

    def _of(self, manifest: Manifest) -> Prove:
        return self._known.get(manifest.tier) or _prover(manifest.tier)


def _prover(tier: str) -> Prove:
    if tier == EDGE:
        from .edge_prove import prove as prove_edge

        return prove_edge
    from .prove import prove

    return prove
