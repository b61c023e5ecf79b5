"""What lies in a site's home on this host."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from .config import Site
from .guard import Totals

KEPT = ".evenkeel-kept"
_SKIPPED = ("sessions", "tmp", KEPT)


def totals(site: Site, settings: Iterable[str]) -> Totals:
    """Files and bytes that are copied: without settings, and without what is this host's own."""
    own = {os.path.join(site.document_root, path) for path in settings}
    files = size = 0
    for folder, _, names in _walk(site.home):
        for name in names:
            path = os.path.join(folder, name)
            if path in own:
                continue
            try:
                status = os.lstat(path)
            except FileNotFoundError:
                continue
            files += stat.S_ISREG(status.st_mode)
            size += status.st_size
    return Totals(files, size)


def count(folder: str) -> int:
    """Files below `folder`."""
    return sum(len(names) for _, _, names in os.walk(folder))


def _walk(home: str) -> Iterable[tuple[str, list[str], list[str]]]:
    for folder, folders, names in os.walk(home):
        if folder == home:
            folders[:] = [name for name in folders if name not in _SKIPPED]
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        yield folder, folders, names + links
