"""JSON files that are either the old or the new one, whole, whatever happens."""

from __future__ import annotations

import json
import os
from typing import Any


def write(path: str, document: Any) -> None:
    """Replace `path` with `document` by one rename(2)."""
    write_text(path, json.dumps(document, sort_keys=True) + "\n")


def write_text(path: str, text: str) -> None:
    """The half that a killed run left is overwritten: one run at a time writes a file. Equal content costs the disk nothing."""
    if _holds(path, text):
        return
    temporary = path + ".new"
    with open(temporary, "w", encoding="utf-8") as stream:
        os.fchmod(stream.fileno(), 0o644)
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(temporary, path)


def _holds(path: str, text: str) -> bool:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read() == text
    except (OSError, ValueError):
        return False


def read(path: str) -> dict[str, Any]:
    """What `path` holds; empty where there is nothing, or nothing that can be read."""
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
