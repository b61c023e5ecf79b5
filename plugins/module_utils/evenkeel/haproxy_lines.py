"""HAProxy's file as lines of words, each in its section. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

_SECTIONS = ("global", "defaults", "frontend", "backend", "listen", "cache", "peers", "resolvers", "userlist", "ring")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(r"(\d+)(us|ms|s|m|h|d)?\Z")


@dataclass(frozen=True)
class Line:
    """One line of the file, as words. `section` is its kind, such as `backend`; `name` is that section's own."""

    number: int
    section: str
    name: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)


def parse(text: str) -> list[Line]:
    """Comments and empty lines are left out; quotes stay as they are."""
    found = []
    section = name = ""
    for number, raw in enumerate(text.splitlines(), 1):
        words = tuple(raw.split("#", 1)[0].split())
        if not words:
            continue
        if words[0] in _SECTIONS:
            section, name = words[0], words[1] if len(words) > 1 else ""
        else:
            found.append(Line(number, section, name, words))
    return found


def seconds(text: str) -> Optional[float]:
    """A time as HAProxy writes it, milliseconds without a unit; None for anything else."""
    found = _TIME.match(text)
    return None if found is None else int(found[1]) * _UNITS[found[2] or "ms"]


def after(line: Line, word: str) -> Optional[str]:
    """The word after `word`."""
    for name, value in zip(line.words, line.words[1:]):
        if name == word:
            return value
    return None
