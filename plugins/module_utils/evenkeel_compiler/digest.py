"""One digest over everything a release is made of, so that an unchanged truth needs no compiling."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from . import file_bytes

Entry = tuple[str, str, bytes]  # name, kind, content


def digest(roots: Iterable[Path | str], facts: Any) -> str:
    """Hex SHA-256 over all files below `roots` (names, kinds and bytes) and `facts` (anything JSON can hold).

    Roots are told apart by their order, not by where they are: two checkouts of one commit have one digest.
    A root that is missing counts as such: whoever needs it says so better.
    Links count as what they point at is named, not as what it holds, so a link to a changed file outside would be
    missed; the truth refuses those.
    """
    total = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode())
    for number, root in enumerate(roots):
        for name, kind, content in _below(os.fspath(root)):
            head = f"{number}\0{name}\0{kind}\0{len(content)}\0"
            total.update(head.encode("utf-8", "surrogateescape"))
            total.update(content)
    return total.hexdigest()


def _below(root: str) -> Iterator[Entry]:
    if Path(root).is_dir():
        yield from _entries(root, "")
    elif Path(root).exists():
        yield "", "file", file_bytes.read(root)
    else:
        yield "", "missing", b""


def _entries(root: str, below: str) -> Iterator[Entry]:
    with os.scandir(root) as listed:
        entries = sorted(listed, key=lambda entry: entry.name)
    for entry in entries:
        name = f"{below}/{entry.name}"
        if entry.is_symlink():
            yield name, "link", bytes(Path(entry.path).readlink())
        elif entry.is_dir():
            if entry.name not in ("__pycache__", ".git"):
                yield from _entries(entry.path, name)
        elif entry.is_file():
            yield name, "file", file_bytes.read(entry.path)
        else:
            yield name, "special", b""
