"""What is wrong with the truth: every problem at once, each with its place and what would be allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]

SHOWN = 60  # characters of a value that a message repeats

_TELLTALE = re.compile(
    r"pass|pwd|secret|token|salt|credential|authorization|cookie|(^|[_.-])(api|auth)?_?key([_.-]|$)", re.IGNORECASE
)
_CREDENTIALS = re.compile(r"//[^/@]*@")


class NoValue:
    """Stands for 'there is no value to show'."""


Complaint = tuple[Path, Any, str]  # field, value (or NoValue), what is allowed


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: `file` relative to the inventory, `line` from 1 (0: the whole file), `field` dotted."""

    file: str
    line: int
    field: str
    value: str
    allowed: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.field, self.value, self.allowed) if part)

    def as_dict(self) -> dict[str, Any]:
        """The problem for machines: `release_compile` returns a list of these."""
        return {"file": self.file, "line": self.line, "field": self.field, "value": self.value, "allowed": self.allowed}


class TruthInvalid(Exception):
    """The truth cannot be compiled; `problems` holds all that is wrong, ordered by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: Path) -> str:
    """`('php', 'settings', 'date.timezone')` as a person writes it: `php.settings.date.timezone`."""
    return ".".join(printable(part) for part in path)


def shown(path: Path, value: Any, secrets: Iterable[str] = ()) -> str:
    """`value` as a message may repeat it: short, printable, and never a secret."""
    if isinstance(value, NoValue):
        return ""
    if _is_private(path) or any(secret in str(value) for secret in secrets if len(secret) > 3):
        return "(hidden)"
    text = _CREDENTIALS.sub("//(hidden)@", json.dumps(value, ensure_ascii=True, default=str))
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def _is_private(path: Path) -> bool:
    """Hashes and whatever carries a telling name, wherever somebody may have pasted a password."""
    if path[:3] == ("access", "basic_auth", "users"):
        return True
    return path[:1] != ("php",) and any(_TELLTALE.search(part) for part in path)


def printable(part: str) -> str:
    """A key may be as hostile as a value, and messages go to terminals."""
    short = part if len(part) <= SHOWN else part[:SHOWN] + "..."
    return short if short.isascii() and short.isprintable() else json.dumps(short)[1:-1]
