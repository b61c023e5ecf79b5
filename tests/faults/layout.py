"""Where the portable names of a fault file lie in this fleet."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.faults.collection import BadFault, Edit

HERE = Path(__file__).resolve().parent
TRUTH = HERE / "truth"
CONTENT = HERE / "content"
WEB, EDGE = "web", "edge"
_HOSTS = {"host:": WEB, "balancer:": EDGE}
_OF_BALANCERS = "edge/"


@dataclass(frozen=True)
class Place:
    """A file of the truth (relative to its folder), or with `on_host` one that only a host of `tier` has."""

    path: str
    on_host: bool = False
    tier: str = WEB


@dataclass(frozen=True)
class Layout:
    """layout.yml, read; `edge` is its part for balancers, see edge.py."""

    roles: Mapping[str, str]
    paths: Mapping[str, str]
    owners: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    edge: Mapping[str, Any]
    remarks: Mapping[str, str]  # by tier the role of a file that takes a comment

    def place(self, edit: Edit) -> Place:
        """What an edit is about. Raises BadFault."""
        if "role" in edit:
            if edit["role"] not in self.roles:
                raise BadFault(f"no file has this role; known are {', '.join(sorted(self.roles))}")
            return _place(self.roles[edit["role"]])
        if "path" not in edit:
            raise BadFault("an edit needs a role or a path")
        return self._by_path(str(edit["path"]).removeprefix("@ROOT@/"))

    def _by_path(self, path: str) -> Place:
        for begin, target in self.paths.items():
            if path == begin or (path.startswith(begin) and (begin.endswith("/") or path[len(begin)] == "/")):
                return _place(target + path[len(begin) :])
        raise BadFault(f"the path begins with none of {', '.join(self.paths)}")

    def fill(self, text: str) -> str:
        """The words of a house file as the host reads them."""
        for word, meaning in self.places:
            text = text.replace(word, meaning)
        return text

    def owner(self, path: str) -> str | None:
        return next((site for pattern, site in self.owners if fnmatch.fnmatchcase(path, pattern)), None)


def _place(target: str) -> Place:
    for prefix, tier in _HOSTS.items():
        if target.startswith(prefix):
            return Place(target.removeprefix(prefix), True, tier)
    return Place(target, tier=EDGE if target.startswith(_OF_BALANCERS) else WEB)


def load(path: Path = HERE / "layout.yml") -> Layout:
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Layout(
        roles=raw["roles"],
        paths=raw["paths"],
        owners=tuple((str(pattern), str(site)) for pattern, site in raw["owners"]),
        places=tuple((str(word), str(meaning)) for word, meaning in raw["places"]),
        edge=raw["edge"],
        remarks=raw["remarks"],
    )
