"""Gives what was asked of hosts in a loop the form that answers of a play's own hosts have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DOCUMENTATION = r"""
name: by_host
short_description: Gives what was asked of hosts in a loop the form that answers of a play's own hosts have
description:
  - Takes registered loops by the name that each would have had as a variable of a host, and returns what C(hostvars) would be.
    So a play that was limited to a host that is new may publish on balancers, and the filters of a rollout judge it.
author: The Evenkeel contributors (@evenkeel)
"""


def by_host(loops: Mapping[str, Mapping[str, Any]], item: str) -> dict[str, dict[str, Any]]:
    """`{host: {name: answer}}`; `item` is the loop's variable, which names the host."""
    found: dict[str, dict[str, Any]] = {}
    for name, registered in loops.items():
        for answer in registered.get("results") or []:
            found.setdefault(str(answer[item]), {})[name] = answer
    return found


class FilterModule:
    """One filter for playbooks."""

    def filters(self) -> dict[str, Any]:
        return {"by_host": by_host}
