"""Fault files as data: what is changed, where, and of which class. docs/faults.md explains every word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """A fault file says something that the runner does not know, or that does not fit this fleet. `line` is that of the edit."""

    line = 0


class Mapped(dict[str, Any]):
    """A mapping of a fault file that knows the line at which it begins."""

    line = 0


class _Loader(yaml.SafeLoader):
    """YAML whose mappings know their lines."""


def _mapped(loader: _Loader, node: yaml.MappingNode) -> Iterator[Mapped]:
    made = Mapped()
    made.line = node.start_mark.line + 1
    yield made
    made.update(loader.construct_mapping(node))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapped)


@dataclass(frozen=True)
class Fault:
    """One change. `edits` are made and published together; `late` ones are a second push, once they are live.

    `file` and `line` say where it is written; each edit knows its own line.
    """

    id: str
    kind: str
    title: str
    edits: tuple[Edit, ...]
    late: tuple[Edit, ...] = ()
    source: str = ""
    file: str = ""
    line: int = 0

    def told(self, error: BadFault) -> BadFault:
        """The mistake of an edit, with the place where its author finds it."""
        return BadFault(f"{self.file}:{error.line or self.line}: {error}")

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
    """Every fault of a file, or of the files below a folder that have a list `faults`. Raises BadFault with all mistakes."""
    faults: list[Fault] = []
    mistakes: list[str] = []
    for file in _files(path):
        for raw in _listed(file):
            try:
                faults.append(_fault(file, raw))
            except BadFault as error:
                mistakes.append(str(error))
    seen: dict[str, Fault] = {}
    for fault in faults:
        first = seen.setdefault(fault.id, fault)
        if first is not fault:
            mistakes.append(f"{fault.file}:{fault.line}: the id {fault.id} stands at {first.file}:{first.line} already")
    if mistakes:
        raise BadFault("\n".join(mistakes))
    if not faults:
        raise BadFault(f"{path} holds no list named `faults`")
    return faults


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise BadFault(f"there is no file or folder {path}")
    return sorted(file for end in ("yml", "yaml") for file in path.rglob(f"*.{end}")) if path.is_dir() else [path]


def _listed(file: Path) -> list[Any]:
    """What stands under `faults`; nothing when the file is about something else."""
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), _Loader)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadFault(f"{file}{line}: is no YAML: {error.context or 'here'}, {error.problem}") from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadFault(f"{file} cannot be read: {error}") from error
    found = document.get("faults") if isinstance(document, dict) else None
    return found if isinstance(found, list) else []


def _fault(file: Path, raw: Any) -> Fault:
    if not isinstance(raw, Mapped):
        raise BadFault(f"{file}: a fault is a mapping with id, class and edits, not {raw!r}")
    where = f"{file}:{raw.line}: {raw.get('id', 'a fault')}"
    missing = [name for name in ("id", "class") if name not in raw]
    if missing:
        raise BadFault(f"{where}: {' and '.join(missing)} missing; a fault needs id, class and edits")
    if str(raw["class"]) not in CLASSES:
        raise BadFault(f"{where}: class: {raw['class']!r} is none of {', '.join(CLASSES)}")
    edits, late = (_edits(where, raw, name) for name in ("edits", "late_edits"))
    if not edits and not late:
        raise BadFault(f"{where}: edits: missing; a fault needs at least one")
    return Fault(
        id=str(raw["id"]),
        kind=str(raw["class"]),
        title=str(raw.get("title", raw["id"])),
        edits=edits,
        late=late,
        source=str(raw.get("source", "")),
        file=str(file),
        line=raw.line,
    )


def _edits(where: str, raw: Mapped, name: str) -> tuple[Edit, ...]:
    found = raw.get(name) or []
    if not isinstance(found, list) or not all(isinstance(edit, Mapped) for edit in found):
        raise BadFault(f"{where}: {name}: must be a list of mappings, each with a role or path and one verb")
    return tuple(found)
