"""Whether somebody changed a site's own program since a moment: errors that begin after that may be his, not the release's.

Settings files are part of the release, linked into the document root; links are not looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Optional

from .host import Host
from .manifest import Manifest

_SITES = 20
_ENTRIES = 20_000  # looked at in all: one question must not become a walk through a terabyte of uploads
_S = 1.0
_PROGRAM = re.compile(r"(?i)(\.(php\d?|phtml|inc|phar)|^\.htaccess|^\.user\.ini)$")
# Programs write programs there by themselves, above all after a release: compiled templates, caches.
_WRITTEN = re.compile(r"(?i)^(.*cache.*|templates_c|tmp|temp|sessions?|uploads?|logs?|storage|var|\.git)$")


def sites(host: Host, manifest: Manifest, wanted: Iterable[str], since: float) -> list[str]:
    """Of the sites `wanted`, those whose program has a file that changed after `since`, in seconds since 1970."""
    end, left = host.clock.monotonic() + _S, _ENTRIES
    found: list[str] = []
    for site in sorted(wanted)[:_SITES]:
        for entry in _programs(host.paths.at(str(manifest.sites[site]["document_root"]))):
            left -= 1
            if left < 0 or host.clock.monotonic() > end:
                return found
            if entry is not None and _changed(entry, since):
                found.append(site)
                break
    return found


def _programs(root: str) -> Iterator[Optional[os.DirEntry[str]]]:
    """Files of a site's program, and None for every other entry, because looking at it costs, too."""
    folders = [root]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False) and not _WRITTEN.match(entry.name):
                        folders.append(entry.path)
                    program = entry.is_file(follow_symlinks=False) and _PROGRAM.search(entry.name)
                    yield entry if program else None
        except OSError:
            continue  # it went away meanwhile


def _changed(entry: os.DirEntry[str], since: float) -> bool:
    """By the time of the inode, which a copy with the times of another host does not keep."""
    try:
        return entry.stat(follow_symlinks=False).st_ctime > since
    except OSError:
        return False
