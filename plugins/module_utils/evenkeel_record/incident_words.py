"""What others wrote - messages, names, log lines - made safe to stand in a report. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from .values import printable

LONGEST = 2000  # characters of one message; the journal has all of it
_TICKS = re.compile(r"`+")
_MARKS = re.compile(r"([\\`*\[\]<>&|~]|(?<![^\W_])_|_(?![^\W_]))")


def line(text: object) -> str:
    """`text` in one line, in which everything is seen that is there."""
    joined = " ".join(printable(text).split())
    return joined if len(joined) <= LONGEST else joined[:LONGEST] + " ..."


def clean(value: Any) -> Any:
    """A value like it in which every text is a `line`."""
    if isinstance(value, str):
        return line(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{one.name: clean(getattr(value, one.name)) for one in dataclasses.fields(value)})
    if isinstance(value, Mapping):
        return {clean(key): clean(one) for key, one in value.items()}
    return tuple(clean(one) for one in value) if isinstance(value, (list, tuple)) else value


def markdown(text: object) -> str:
    """`text` as Markdown that shows just these characters, in a paragraph or a table."""
    return _MARKS.sub(r"\\\1", line(text))


def code(text: object) -> str:
    """`text` in a code span, with a fence that is longer than any in it."""
    shown = line(text)
    fence = "`" * (1 + max((len(ticks) for ticks in _TICKS.findall(shown)), default=0))
    pad = " " if len(fence) > 1 or shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else ""


def slug(text: str) -> str:
    """A part of a folder's name: `shop.example` is `shop-example`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")
