"""Whoever is on call: what the receiver has written down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.hosts.bed import Box

MONITOR = Box("e-mon1")
CALLS = "/var/lib/receiver/calls.jsonl"


@dataclass(frozen=True)
class Call:
    """One notification: when it came, to whom, and what it said."""

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
    lines = MONITOR.run("cat", CALLS, check=False).splitlines()
    return [call for line in lines if (call := Call(**json.loads(line))).at >= since]
