"""Looks at a fleet of two web hosts behind two balancers, for tests."""

from __future__ import annotations

from chaos.look import Look
from tests.unit.drill.builders import OLD

ACTIVE = ("web1", "web2")


def web(current: str = OLD, journal=(), **others):
    events = [{"event": "genesis", "release": OLD, "at": "1970-01-01T00:00:00Z"}, *journal]
    return {"current": current, "confirmed": True, "pending": None, "down": [], "journal": events, **others}


def edge(holds: bool = False, web1: bool = True, web2: bool = True, **others):
    return {"holds": holds, "servers": {"web1": web1, "web2": web2}, "absent": {}, "claim": None, **others}


def absent(until=None):
    return {"web1": {"why": "has not said that it went back", "until": until}}


def look(web1=None, web2=None, edge1=None, edge2=None) -> Look:
    """A fleet that is well, but for what is given."""
    webs = {"web1": web() if web1 is None else web1, "web2": web() if web2 is None else web2}
    balancers = {"edge1": edge(holds=True) if edge1 is None else edge1, "edge2": edge() if edge2 is None else edge2}
    return Look(webs, balancers, ACTIVE)
