"""What a task's name says: `drain | Wait, until nobody asks` is phase `drain`, and the rest a title."""

from __future__ import annotations

from typing import Any


def phase_and_title(task: Any, name: str) -> tuple[str, str]:
    """A name without a stem belongs to its role."""
    role = task._role.get_name(include_role_fqcn=False) if task._role else ""
    stem, bar, title = name.removeprefix(role + " : ").partition(" | ")
    return (stem.strip(), title.strip()) if bar else (role, stem.strip())
