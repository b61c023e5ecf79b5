"""Whoever is on call: what the receivers have written down, one on each monitoring host."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.hosts.bed import Box

MONITORS = MONITOR, SECOND = Box("e-mon1"), Box("e-mon2")
CALLS = "/var/lib/receiver/calls.jsonl"


@dataclass(frozen=True)
class Call:
    """One notification: from which monitoring host, when it came, to whom, and what it said."""

    by: str
    at: float
    path: str
    token: str
    said: dict[str, Any]

    @cached_property
    def names(self) -> list[tuple[str, str]]:
        """Alerts with the pool or host that they are about."""
        labels = [one["labels"] for one in self.said["alerts"]]
        return sorted((one["alertname"], one.get("pool") or one.get("host", "")) for one in labels)

    @property
    def environment(self) -> str:
        return str(self.said["commonLabels"].get("environment"))


def calls(since: float) -> list[Call]:
    """Of all monitoring hosts; one that is dead tells nothing."""
    written = [(host.name, line) for host in MONITORS for line in host.run("cat", CALLS, check=False).splitlines()]
    found = [Call(by, **json.loads(line)) for by, line in written]
    return sorted((call for call in found if call.at >= since), key=lambda call: call.at)
