"""How many requests of visitors balancers counted during a rollout, and how many of them failed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Visitors:
    """Takes what balancers count, again and again, and adds up what came since the first time."""

    def __init__(self) -> None:
        self._last: dict[str, dict[str, tuple[int, int]]] = {}
        self._sum: dict[str, list[int]] = {}
        self.before = [0, 0]  # requests and failures since the balancers began, when each was asked first
        self.measured = False

    def count(self, balancer: str, counts: Any) -> None:
        """`counts` are requests and failures by host since the balancer began; it begins anew when it reloads."""
        now = {str(host): (int(pair[0]), int(pair[1])) for host, pair in counts.items()} if isinstance(counts, Mapping) else {}
        if not now:
            return
        before = self._last.get(balancer)
        if before is None:
            self.before = [self.before[i] + sum(pair[i] for pair in now.values()) for i in (0, 1)]
        for host, pair in now.items() if before is not None else ():
            self._add(host, before.get(host, (0, 0)) if before else (0, 0), pair)
        self._last[balancer] = now

    def _add(self, host: str, was: tuple[int, int], now: tuple[int, int]) -> None:
        was = was if now[0] >= was[0] else (0, 0)
        known = self._sum.setdefault(host, [0, 0])
        known[0] += now[0] - was[0]
        known[1] += max(0, now[1] - was[1])
        self.measured = True

    def by_host(self) -> dict[str, list[int]]:
        return {host: list(self._sum[host]) for host in sorted(self._sum)}
