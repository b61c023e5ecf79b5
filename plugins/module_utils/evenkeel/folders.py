"""The folders that a release makes: may Apache walk down to every document root? Pure: lines in, failures out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from .manifest import Manifest
from .verdict import Failure

FILE = "tmpfiles.d/evenkeel.conf"
GUARD = "folders"
WEB_GROUP = "www-data"


@dataclass(frozen=True)
class Folder:
    """One line of tmpfiles.d: `d /srv/www/blog 0750 blog www-data -`."""

    path: str
    mode: int
    group: str
    line: int


def parse(text: str) -> dict[str, Folder]:
    """Folders by path; what is no line for a folder is left to systemd to refuse."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if len(parts) >= 5 and parts[0] == "d" and parts[2].isdigit():
            found[parts[1]] = Folder(parts[1], int(parts[2], 8), parts[4], number)
    return found


def check_folders(text: str, manifest: Manifest) -> Iterator[Failure]:
    """Document roots that Apache could not read, or folders on the way that it could not enter."""
    folders = parse(text)
    for site, facts in sorted(manifest.sites.items()):
        root = str(facts["document_root"])
        if facts["kind"] == "proxy":
            continue
        for folder in (folders[path] for path in _way(root) if path in folders):
            if not _lets_in(folder, is_root=folder.path == root):
                got = "%s:%d: Apache cannot enter %s with mode %04o" % (FILE, folder.line, folder.path, folder.mode)
                yield Failure(site, GUARD, got, "one that lets %s in" % WEB_GROUP)


def _way(path: str) -> list[str]:
    """`/srv`, `/srv/www`, ... and the path itself."""
    way = [path]
    while way[-1] != os.path.dirname(way[-1]):
        way.append(os.path.dirname(way[-1]))
    return way[::-1]


def _lets_in(folder: Folder, is_root: bool) -> bool:
    bits = folder.mode >> 3 if folder.group == WEB_GROUP else folder.mode
    needed = 0o5 if is_root else 0o1
    return bits & needed == needed
