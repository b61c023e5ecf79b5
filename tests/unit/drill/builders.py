"""Visits and strikes for tests: second 100 is when a fault was complete, second 110 when it was over."""

from __future__ import annotations

from plugins.module_utils.evenkeel_drill.faults import BY_NAME
from plugins.module_utils.evenkeel_drill.judge import Strike
from plugins.module_utils.evenkeel_drill.visits import Visit

OLD, NEW = "0297ac8a16ef", "1111aaaa2222"


def visit(at: float, outcome: str = "ok", method: str = "GET", took_s: float = 0.01, **others) -> Visit:
    facts = {"site": "alpha", "path": "/", "server": "web1", "release": OLD, **others}
    return Visit(at=at, took_s=took_s, method=method, status=200 if outcome == "ok" else 0, outcome=outcome, **facts)


def steady(start: float = 95.0, end: float = 115.0, **others) -> list[Visit]:
    """Ten right answers a second."""
    return [visit(start + number / 10, **others) for number in range(int((end - start) * 10))]


def strike(name: str, hosts: tuple[str, ...] = ("web1",), site: str = "") -> Strike:
    return Strike(BY_NAME[name], hosts, began=99.5, struck=100.0, undoing=109.5, undone=110.0, site=site)
