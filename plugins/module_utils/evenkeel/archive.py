"""The engine as one executable file, built from the very modules that run, so that host and project stay equal."""

from __future__ import annotations

import glob
import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Callable

from .host import Host

_PACKAGE = __name__.rpartition(".")[0]
_MAIN = "import sys\n\nfrom evenkeel.%s import %s as main\n\nsys.exit(main(sys.argv[1:]))\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can say


def build(entry: Callable[..., int]) -> bytes:
    """The archive's bytes; the same sources give the same bytes. It runs `entry`, and holds every module that it imports."""
    main = _MAIN % (entry.__module__.rpartition(".")[2], entry.__name__)
    stream = io.BytesIO()
    stream.write(b"#!/usr/bin/python3\n")
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, source in sorted({**_sources(), "__main__.py": main}.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), source)
    return stream.getvalue()


def version(data: bytes) -> str:
    """A short name for the engine in `data`."""
    return hashlib.sha256(data).hexdigest()[:12]


def install(host: Host, data: bytes) -> bool:
    """Replace the host's engine by one rename(2); False when it is equal already. A running one goes on undisturbed."""
    if installed(host) == data:
        return False
    _remove_halves(host)
    host.disk.replace(host.paths.command, data, 0o755)
    return True


def _remove_halves(host: Host) -> None:
    """What an installation left that was killed; one that another run is at right now is not touched."""
    for path in glob.glob(glob.escape(host.paths.command) + ".*.new"):
        if not os.path.exists("/proc/" + path.split(".")[-2]):
            host.disk.remove(path)


def installed(host: Host) -> bytes:
    """The engine on this host; empty when there is none."""
    try:
        with open(host.paths.command, "rb") as stream:
            return stream.read()
    except OSError:
        return b""


def _sources() -> dict[str, str]:
    found = {"evenkeel/__init__.py": ""}
    for name, module in list(sys.modules.items()):
        if name.startswith(_PACKAGE + "."):
            source = module.__loader__.get_source(name)  # type: ignore[union-attr]
            found["evenkeel/%s.py" % name[len(_PACKAGE) + 1 :].replace(".", "/")] = source or ""
    return found
