"""What rsync says it would do, or did. Pure: its lines in, plain data out.

Names are the tenants': rsync writes what is not printable as \\#ooo, so that no name can make a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .guard import Totals

FORMAT = "%i %n%L"
SETTINGS = "/etc/evenkeel/"  # where the engine's links lead
_ITEM = re.compile(r"(?P<what>[<>ch.*][fdLDS][^ ]{9}|\*deleting  ) (?P<name>.*)\Z")
_OCTAL = re.compile(r"\\#([0-7]{3})")
_NUMBERS = {
    "files": re.compile(r"Number of files: [0-9]+(?: \(.*?\breg: ([0-9]+))?"),
    "bytes": re.compile(r"Total file size: ([0-9]+) bytes"),
    "sent": re.compile(r"Total transferred file size: ([0-9]+) bytes"),
}


@dataclass(frozen=True)
class Change:
    """One entry that differs. `path` is relative to the folder that was compared; `target` is a symlink's."""

    path: str
    is_deletion: bool = False
    target: str = ""

    @property
    def is_settings_link(self) -> bool:
        return self.target.startswith(SETTINGS)


@dataclass(frozen=True)
class Listing:
    """`origin` is what there is at the origin, `sent` the bytes of the files that were (or would be) sent."""

    changes: tuple[Change, ...]
    origin: Totals
    sent: int

    @property
    def deletions(self) -> int:
        return sum(change.is_deletion for change in self.changes)

    @property
    def links(self) -> list[str]:
        """Symlinks of the tenant's that are missing here, or lead elsewhere."""
        return [change.path for change in self.changes if change.target and not change.is_settings_link]


def parse(text: str) -> Listing:
    """rsync's standard output, with `FORMAT` and --stats."""
    lines = text.split("\n")
    return Listing(tuple(_changes(lines)), Totals(_number(text, "files"), _number(text, "bytes")), _number(text, "sent"))


def by_site(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes below the folder of all sites; paths become relative to their site's home."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        site, _, inner = change.path.rstrip("/").partition("/")
        found.setdefault(site, []).append(Change(inner, change.is_deletion, change.target))
    return found


def unescaped(name: str) -> bytes:
    """A name's own bytes."""
    parts = _OCTAL.split(name)
    return b"".join(bytes([int(part, 8)]) if at % 2 else part.encode("utf-8", "surrogateescape") for at, part in enumerate(parts))


def _changes(lines: Iterable[str]) -> Iterable[Change]:
    for line in lines:
        found = _ITEM.match(line)
        if found:
            name, _, target = found["name"].partition(" -> ") if found["what"][1] == "L" else (found["name"], "", "")
            yield Change(name, found["what"].startswith("*deleting"), target)


def _number(text: str, what: str) -> int:
    found = _NUMBERS[what].search(text)
    return int(found.group(1) or 0) if found else 0
