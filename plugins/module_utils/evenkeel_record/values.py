"""Reads what may be anything: a journal is a file, and its messages hold what strangers' servers said. Pure."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from .moment import seconds

_SHOWN = "\n\t"
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")  # control, direction and format marks, halves of characters


def printable(value: object) -> str:
    """As text in which everything is seen that is there: invisible characters become U+FFFD."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter if letter in _SHOWN or unicodedata.category(letter) not in _INVISIBLE else "\ufffd" for letter in text)


def text(event: Mapping[str, Any], key: str) -> str:
    return printable(event.get(key))


def texts(event: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = event.get(key)
    return tuple(map(printable, found)) if isinstance(found, (list, tuple)) else ()


def words(event: Mapping[str, Any], *keys: str) -> dict[str, str]:
    """The text of each key, by its name."""
    return {key: text(event, key) for key in keys}


def number(event: Mapping[str, Any], key: str) -> float:
    """0 for what is no finite number."""
    found = event.get(key)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return 0.0
    return float(found) if abs(found) < 1e15 and math.isfinite(found) else 0.0


def count(event: Mapping[str, Any], key: str) -> int:
    return max(0, int(number(event, key)))


def mappings(event: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], ...]:
    found = event.get(key)
    return tuple(one for one in found if isinstance(one, Mapping)) if isinstance(found, (list, tuple)) else ()


def pairs(event: Mapping[str, Any], key: str) -> dict[str, str]:
    found = event.get(key)
    return {printable(name): printable(value) for name, value in found.items()} if isinstance(found, Mapping) else {}


def moment(event: Mapping[str, Any]) -> float:
    """When it was, in seconds since 1970; 0 where it does not say."""
    try:
        return seconds(event.get("at"))
    except (ValueError, OverflowError):
        return 0.0


def counts(event: Mapping[str, Any], key: str) -> dict[str, tuple[int, int]]:
    """Two numbers by name; a pair that is none is passed over."""
    found = event.get(key)
    pairs = found.items() if isinstance(found, Mapping) else ()
    return {str(name): (int(one[0]), int(one[1])) for name, one in pairs if whole_pair(one)}


def whole_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(one, int) and one >= 0 for one in value)
