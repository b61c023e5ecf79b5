"""What all hosts of the fleet say at about one moment, and whether it is the end of a round. Pure."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# of `show servers state` (HAProxy's management guide, 9.3), counted from 0; a drained server runs, too
_NAME, _OPERATIONAL, _ADMINISTRATIVE, _RUNS, _FREE = 3, 5, 6, "2", "0"

Status = Mapping[str, Any]  # what `evenkeel status --json` says, empty where a host says nothing


@dataclass(frozen=True)
class Look:
    """`webs` have their whole `journal`; `balancers` know how each `servers` host is, and `holds` the shared address or not.

    `active` web hosts must come to one release, all must get visitors in the end.
    """

    webs: Mapping[str, Status]
    balancers: Mapping[str, Status]
    active: Sequence[str]

    @property
    def quiet(self) -> bool:
        """Nothing is under way that would still end by itself: no deadline, no rollout's hold on a host, no way back."""
        everybody = [*self.webs.values(), *self.balancers.values()]
        return all(one and not one.get("pending") and not one.get("claim") and not _timed(one) for one in everybody)

    @property
    def agree(self) -> bool:
        return len({self.webs[host].get("current") for host in self.active}) == 1

    @property
    def in_rotation(self) -> bool:
        """One balancer has the address, and all find every web host well and send it visitors."""
        holders = [name for name, one in self.balancers.items() if one.get("holds")]
        return len(holders) == 1 and all(
            one.get("servers", {}).get(host, False) for one in self.balancers.values() for host in self.webs
        )

    @property
    def kept_out(self) -> bool:
        """A rollout that has ended keeps a host from visitors, until the next one brings it up."""
        return any(absent["until"] is None for one in self.balancers.values() for absent in one.get("absent", {}).values())

    @property
    def well(self) -> bool:
        return self.quiet and self.agree and self.in_rotation and not self.kept_out

    @property
    def over(self) -> bool:
        """Well, or as it will stay until somebody pushes."""
        return self.well or (self.quiet and (self.kept_out or not self.agree))


def web(text: str) -> Status:
    """From a host's status, an empty line and its journal."""
    status, _, journal = text.partition("\n\n")
    with contextlib.suppress(ValueError):
        return {**json.loads(status), "journal": [json.loads(line) for line in journal.splitlines() if line.endswith("}")]}
    return {}


def balancer(text: str, address: str) -> Status:
    """From a host's status, an empty line, its addresses and the states of its servers."""
    status, _, more = text.partition("\n\n")
    with contextlib.suppress(ValueError):
        return {**json.loads(status), "holds": f" {address}/" in more, "servers": _servers(more)}
    return {}


def _timed(status: Status) -> bool:
    return any(absent["until"] is not None for absent in status.get("absent", {}).values())


def _servers(text: str) -> dict[str, bool]:
    """Whether each server runs and gets visitors, in every backend that has it."""
    found: dict[str, bool] = {}
    for fields in (line.split() for line in text.splitlines()):
        if len(fields) > _ADMINISTRATIVE and fields[0].isdigit():
            gets = fields[_OPERATIONAL] == _RUNS and fields[_ADMINISTRATIVE] == _FREE
            found[fields[_NAME]] = found.get(fields[_NAME], True) and gets
    return found
