"""What a site's front page must be for a visitor who comes by the shared address, out of the probes of its release. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ANY_GOOD = tuple(range(200, 500))  # a site that does not say what its front page is: anything but a broken one
SHUT = (200, 401, 403)  # its own host is kept out; the monitoring host may be let in
_ADDED = {"x-forwarded-proto"}  # by balancers to every request, so by no probe through one


@dataclass(frozen=True)
class Expectation:
    """Status, what must and must not be in the page, and where a redirect leads (`` where it does not matter)."""

    status: tuple[int, ...]
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    location: str = ""


def expectation(server_name: str, probes: Iterable[Mapping[str, Any]]) -> Expectation:
    """Of the first probe that asks as any visitor does; its author's own one counts more than a derived one."""
    fronts = [probe for probe in probes if _as_a_visitor(probe, server_name)]
    if not fronts:
        return Expectation(ANY_GOOD)
    front = next((probe for probe in fronts if probe.get("own")), fronts[0])
    wanted = front["expect"]
    status = tuple(sorted(int(code) for code in wanted["status"]))
    return Expectation(
        SHUT if status == (403,) and not front.get("own") else status,
        tuple(wanted.get("contains") or ()),
        tuple(wanted.get("lacks") or ()),
        str(wanted.get("location") or ""),
    )


def _as_a_visitor(probe: Mapping[str, Any], server_name: str) -> bool:
    headers = {str(name).lower() for name in probe.get("headers") or ()}
    asked = (probe.get("method", "GET"), probe.get("path"), probe.get("host"))
    return asked == ("GET", "/", server_name) and headers <= _ADDED
