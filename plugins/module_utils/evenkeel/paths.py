"""Where things are on a web host."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Paths:
    """All paths the engine uses; `root` is `/` but for tests."""

    root: str = "/"

    def at(self, path: str) -> str:
        """`path` (absolute, as a release spells it) below `root`."""
        return os.path.join(self.root, path.lstrip("/"))

    @property
    def etc(self) -> str:
        return self.at("/etc/evenkeel")

    @property
    def releases(self) -> str:
        return self.at("/etc/evenkeel/releases")

    @property
    def current(self) -> str:
        return self.at("/etc/evenkeel/current")

    @property
    def known_good(self) -> str:
        return self.at("/etc/evenkeel/known-good")

    @property
    def way_back(self) -> str:
        """A link to what was live before, made in advance so that going back needs no room on the disk."""
        return self.at("/etc/evenkeel/way-back")

    @property
    def var(self) -> str:
        return self.at("/var/lib/evenkeel")

    @property
    def state(self) -> str:
        return self.at("/var/lib/evenkeel/state.json")

    @property
    def journal(self) -> str:
        return self.at("/var/lib/evenkeel/journal.jsonl")

    @property
    def verdicts(self) -> str:
        return self.at("/var/lib/evenkeel/verdicts")

    @property
    def originals(self) -> str:
        """Files of a document root that gave way to a link, kept for the day the link goes."""
        return self.at("/var/lib/evenkeel/originals")

    @property
    def drift(self) -> str:
        """What the last check for drift found."""
        return self.at("/var/lib/evenkeel/drift.json")

    @property
    def drifted(self) -> str:
        """Copies of what somebody had edited and a push has published over, one folder each time."""
        return self.at("/var/lib/evenkeel/drift")

    @property
    def seen(self) -> str:
        """How the files of the live release lay when they were hashed last."""
        return self.at("/var/lib/evenkeel/seen.json")

    @property
    def lock(self) -> str:
        return self.at("/var/lib/evenkeel/lock")

    @property
    def claim(self) -> str:
        return self.at("/var/lib/evenkeel/claim.json")

    @property
    def claim_lock(self) -> str:
        return self.at("/var/lib/evenkeel/claim.lock")

    @property
    def absences(self) -> str:
        """On a balancer: which web hosts get no visitors."""
        return self.at("/var/lib/evenkeel/absences.json")

    @property
    def absences_lock(self) -> str:
        return self.at("/var/lib/evenkeel/absences.lock")

    @property
    def twins(self) -> str:
        return self.at("/run/evenkeel/twin")

    @property
    def command(self) -> str:
        return self.at("/usr/local/sbin/evenkeel")

    def release(self, release_id: str) -> str:
        return os.path.join(self.releases, release_id)

    def verdict(self, release_id: str) -> str:
        return os.path.join(self.verdicts, release_id + ".json")
