"""Fault files as data: what is changed, where, and of which class. docs/faults.md explains every word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

OWN = Path(__file__).resolve().parent / "collection"
CLASSES = {
    "a": "a configtest refuses it",
    "b": "start or reload dies",
    "c": "visitors get errors",
    "d": "answers, but wrong or exposing something",
    "e": "slow or latent",
    "f": "balancer",
    "z": "harmless, must be published",
}
BALANCER = "f"

Edit = Mapping[str, Any]


class BadFault(Exception):
    """A fault file says something that the runner does not know, or that does not fit this fleet."""


@dataclass(frozen=True)
class Fault:
    """One change. `edits` are made and published together; `late` ones are a second push, once they are live."""

    id: str
    kind: str
    title: str
    edits: tuple[Edit, ...]
    late: tuple[Edit, ...] = ()
    source: str = ""

    @property
    def pushes(self) -> list[tuple[Edit, ...]]:
        """All edits that the truth has by each push."""
        first = [self.edits] if self.edits or not self.late else []
        return [*first, *([(*self.edits, *self.late)] if self.late else [])]


@dataclass(frozen=True)
class Choice:
    """Which faults to run: of one class, by id, or every tenth of each class."""

    classes: str = ""
    ids: tuple[str, ...] = ()
    tenth: bool = field(default=False)

    def of(self, faults: Iterable[Fault]) -> list[Fault]:
        chosen = [fault for fault in faults if self._wants(fault)]
        missing = set(self.ids) - {fault.id for fault in chosen}
        if missing:
            raise BadFault("no fault is called " + ", ".join(sorted(missing)))
        return _tenth(chosen) if self.tenth else chosen

    def _wants(self, fault: Fault) -> bool:
        return (not self.classes or fault.kind in self.classes) and (not self.ids or fault.id in self.ids)


def _tenth(faults: Sequence[Fault]) -> list[Fault]:
    """Stratified: every tenth of each class, and at least one."""
    by_class: dict[str, list[Fault]] = {}
    for fault in faults:
        by_class.setdefault(fault.kind, []).append(fault)
    return [fault for kind in sorted(by_class) for fault in by_class[kind][:: min(10, max(1, len(by_class[kind])))]]


def load(path: Path = OWN) -> list[Fault]:
    """Every fault of a file, or of the files of a folder that have a list `faults`. Raises BadFault."""
    files = sorted(path.glob("*.yml")) if path.is_dir() else [path]
    documents = [(file, yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files]
    faults = [
        _fault(file, raw)
        for file, document in documents
        if isinstance(document, dict) and isinstance(document.get("faults"), list)
        for raw in document["faults"]
    ]
    if not faults:
        raise BadFault(f"{path} holds no list named `faults`")
    twice = {fault.id for fault in faults if sum(fault.id == other.id for other in faults) > 1}
    if twice:
        raise BadFault("these ids stand twice: " + ", ".join(sorted(twice)))
    return faults


def _fault(file: Path, raw: Any) -> Fault:
    try:
        made = Fault(
            id=str(raw["id"]),
            kind=str(raw["class"]),
            title=str(raw.get("title", raw["id"])),
            edits=tuple(raw.get("edits") or ()),
            late=tuple(raw.get("late_edits") or ()),
            source=str(raw.get("source", "")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise BadFault(f"{file}: a fault needs id, class and edits ({type(error).__name__}: {error})") from error
    if made.kind not in CLASSES:
        raise BadFault(f"{file}: {made.id}: class {made.kind!r} is none of {', '.join(CLASSES)}")
    return made
