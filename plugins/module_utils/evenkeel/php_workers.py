"""How many processes work for each PHP pool, as the kernel knows it.

PHP's own status page needs a worker to answer: asking six hundred idle pools would start six hundred processes.
"""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import Optional

from .metrics import Workers
from .paths import Paths

_TITLE = re.compile(rb"php-fpm: pool ([a-z][a-z0-9-]{0,30})[\s\0]*\Z")
_PROGRAM = re.compile(r"/php-fpm([0-9]{1,2}\.[0-9]{1,2})( \(deleted\))?\Z")
_MOST = re.compile(rb"^pm\.max_children = ([0-9]{1,6})$", re.MULTILINE)
_LARGEST = 65536  # bytes of a file that are looked at
_TWIN = b"evenkeel-twin"  # its processes are gone in a moment, and no visitor's


def running(paths: Paths) -> tuple[Workers, ...]:
    """The pools that have workers, in a stable order."""
    counted = sorted(Counter(_workers(paths.at("/proc"))).items())
    return tuple(Workers(version, pool, number, _most(paths, version, pool)) for (version, pool), number in counted)


def _workers(proc: str) -> Iterator[tuple[str, str]]:
    """Version and pool of each worker; a process that ends meanwhile is none."""
    for folder in glob.iglob(os.path.join(glob.escape(proc), "[0-9]*")):
        pool = _pool(folder)
        version = _version(folder) if pool else None
        if pool and version:
            yield version, pool


def _pool(folder: str) -> Optional[str]:
    found = _TITLE.match(_read(folder, "cmdline"))
    if not found or _TWIN in _read(folder, "cgroup"):
        return None
    return found[1].decode("ascii")


def _version(folder: str) -> Optional[str]:
    try:
        found = _PROGRAM.search(os.readlink(os.path.join(folder, "exe")))
    except OSError:
        return None
    return found[1] if found else None


def _read(folder: str, name: str) -> bytes:
    try:
        with open(os.path.join(folder, name), "rb") as stream:
            return stream.read(_LARGEST)
    except OSError:
        return b""


def _most(paths: Paths, version: str, pool: str) -> int:
    """`pm.max_children` of the live release's pool; 0 where it is not one of its pools."""
    for kind in ("pool.d", "dedicated"):
        found = _MOST.search(_read(os.path.join(paths.current, "php", version, kind), pool + ".conf"))
        if found:
            return int(found[1])
    return 0
