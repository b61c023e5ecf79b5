"""What the engine remembers about a candidate that was proved: kept beside the release until both are pruned."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

from .errors import InvalidState
from .host import Host
from .moment import timestamp
from .verdict import Failure, Verdict, from_document

FORMAT = 1
Key = tuple[str, str]  # site and name of a probe


@dataclass(frozen=True)
class Proof:
    """`base` was live when `release` was proved; `requested` differs from `release` when sites were held back."""

    release: str
    base: str
    requested: str
    held_back: tuple[str, ...]
    verdict: Verdict

    @property
    def curable(self) -> tuple[str, ...]:
        """Sites that failed and could be held back; empty when something else failed, which that would not cure."""
        return () if self.verdict.pool_wide else tuple(sorted(self.verdict.sites))

    @property
    def known_failures(self) -> frozenset[Key]:
        """What fails on the live release, too, and so is no regression."""
        return self.verdict.known_pairs

    def asides(self) -> str:
        """Sentences about sites that fail on the live release, too, and what else is worth knowing, with a space in front."""
        sites = sorted({failure.site or "the pool" for failure in self.verdict.known})
        broken = ["Broken before and still: %s." % ", ".join(sites)] if sites else []
        return "".join(" " + sentence for sentence in [*broken, *self.verdict.remarks])

    def message(self) -> str:
        held = " Held back: %s." % ", ".join(self.held_back) if self.held_back else ""
        return self.verdict.message() + held


def keys_of(failures: Iterable[Failure]) -> frozenset[Key]:
    """Which probes of which sites failed."""
    return frozenset((failure.site, failure.probe) for failure in failures if failure.site and failure.probe)


def save(host: Host, proof: Proof) -> None:
    """Keep the proof of `proof.release`, replacing an older one."""
    document = {
        "format": FORMAT,
        "at": timestamp(host.clock.now()),
        "release": proof.release,
        "base": proof.base,
        "requested": proof.requested,
        "held_back": list(proof.held_back),
        "verdict": proof.verdict.to_document(),
    }
    host.disk.make_folder(host.paths.verdicts, 0o750)
    host.disk.replace(host.paths.verdict(proof.release), (json.dumps(document, indent=1, sort_keys=True) + "\n").encode(), 0o640)


def load(host: Host, release_id: str) -> Optional[Proof]:
    """The proof of a release; None when it was never proved here."""
    path = host.paths.verdict(release_id)
    try:
        with open(path, encoding="utf-8") as stream:
            raw = json.load(stream)
        return Proof(
            release=str(raw["release"]),
            base=str(raw["base"]),
            requested=str(raw["requested"]),
            held_back=tuple(str(site) for site in raw["held_back"]),
            verdict=from_document(raw["verdict"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidState) as error:
        raise InvalidState("%s cannot be read (%s); remove it and prove the release again" % (path, error)) from error


def known_failures(host: Host, release_id: str, base: Optional[str] = None) -> frozenset[Key]:
    """For a revert, which must work whatever happened to the file; with `base`, only where that was live at the proof."""
    try:
        proof = load(host, release_id)
    except InvalidState:
        return frozenset()
    if proof is None or base not in (None, proof.base):
        return frozenset()
    return proof.known_failures


def recent_rejections(host: Host, last: int = 1) -> list[str]:
    """Names of the releases that were rejected last, the youngest first."""
    try:
        names = [name[:-5] for name in os.listdir(host.paths.verdicts) if name.endswith(".json")]
    except FileNotFoundError:
        return []
    names.sort(key=lambda name: os.stat(host.paths.verdict(name)).st_mtime, reverse=True)
    rejected = []
    for name in names:
        try:
            proof = load(host, name)
        except InvalidState:
            continue
        if proof is not None and not proof.verdict.ok:
            rejected.append(name)
        if len(rejected) == last:
            break
    return rejected
