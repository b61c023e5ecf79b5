"""The project's YAML as the tests look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if (path / "tasks").is_dir())
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
TASK_FILES = sorted([*(ROOT / "roles").glob("*/tasks/*.yml"), *(ROOT / "playbooks" / "tasks").glob("*.yml")])


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def short(path: Path) -> str:
    """A path as test ids show it."""
    return str(path.relative_to(ROOT))


def plays() -> list[tuple[str, dict[str, Any]]]:
    """Every play of every playbook, with `<playbook>: <name>`; imports of other playbooks are not plays."""
    return [(f"{path.stem}: {play['name']}", play) for path in PLAYBOOKS for play in load(path) if "hosts" in play]


def tasks(path: Path) -> Iterator[dict[str, Any]]:
    """The tasks of a file, those inside blocks included."""
    yield from flat(load(path) or [])


def flat(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in found:
        yield task
        for part in ("block", "rescue", "always"):
            yield from flat(task.get(part) or [])


def of_play(play: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The tasks of a play, those of the task files it imports included."""
    for task in flat([*(play.get("pre_tasks") or []), *(play.get("tasks") or [])]):
        yield task
        imported = task.get("ansible.builtin.import_tasks")
        if imported:
            yield from tasks(ROOT / "playbooks" / imported)


def spec(role: Path) -> dict[str, Any]:
    return dict(load(role / "meta" / "argument_specs.yml")["argument_specs"])
