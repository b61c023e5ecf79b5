"""What the watch knows from one round to the next, kept on disk: a round that was killed is gone on with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .look import REVERTED, Last

WATCHING, REGRESSED, BACK, REPLACED = "watching", "regression", "reverted", "replaced"
SEEN_IN_A_ROW = 2  # rounds: what is gone half a minute later is no reason to go back
TRY_S = 600.0  # another rollout is over by then, and so is the hold of a monitoring host that died
KEPT_S = 3600.0  # after the last change
RINGS_S = 300.0  # once all is well again: long enough that nobody misses it, and no longer, as it would hide what comes next


@dataclass(frozen=True)
class Case:
    """One rollout, of the inventory group `pool`. `state` is watching, regression, what going back came to, or replaced.

    Times are seconds since 1970.
    """

    rollout: str
    since: float
    changed: float
    pool: str = ""
    hosts: tuple[str, ...] = ()
    state: str = WATCHING
    broken: tuple[str, ...] = ()
    seen: int = 0
    noted: bool = False
    text: str = ""

    @property
    def told(self) -> bool:
        """Whether people are told."""
        return self.state != WATCHING

    def rings(self, now: float) -> bool:
        """Whether visitors still suffer, or did so a moment ago."""
        return self.told and self.state != REPLACED and (self.state != BACK or now < self.changed + RINGS_S)

    def followed(self, lasts: Mapping[str, Last], now: float) -> Case:
        """The case once no host has its release: another rollout came, or somebody else took this one back.

        `lasts` are by host; one that is not among them may still have it.
        """
        if not self.told or self.state == REPLACED:
            return self
        found = [lasts.get(host, Last(self.rollout, "", now)) for host in self.hosts]
        if all(one.rollout != self.rollout for one in found):
            return replace(self, state=REPLACED, changed=now)
        if self.state != BACK and all(one.rollout != self.rollout or one.outcome == REVERTED for one in found):
            return replace(self, state=BACK, changed=now)
        return self


def load(path: Path) -> dict[str, Case]:
    """By rollout. What cannot be read is nothing: rollouts are found again, and hosts know whether they went back."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["cases"]
        return {str(name): _case(raw) for name, raw in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _case(raw: Mapping[str, Any]) -> Case:
    known = {**raw, "hosts": tuple(raw["hosts"]), "broken": tuple(raw["broken"])}
    return Case(**known)


def save(path: Path, cases: Mapping[str, Case]) -> None:
    write(path, json.dumps({"cases": {name: asdict(case) for name, case in cases.items()}}, indent=1, sort_keys=True))


def write(path: Path, text: str) -> None:
    """Replaces a file in one step."""
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)


def kept(cases: Mapping[str, Case], recent: Mapping[str, str], now: float) -> dict[str, Case]:
    """Without those that are over: no host has them as its last rollout, and people had their time to read of it."""
    return {name: case for name, case in cases.items() if name in recent.values() or (case.told and now < case.changed + KEPT_S)}
