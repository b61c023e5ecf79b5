"""The engine as one executable file, built from the very modules that run, so that host and project stay equal."""

from __future__ import annotations

import glob
import hashlib
import importlib.util
import io
import marshal
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Optional

from .host import Host

Sources = Mapping[str, bytes]  # names in the archive to Python sources
_MAIN = b"import sys\n\nfrom evenkeel.cli import main\n\nsys.exit(main(sys.argv[1:]))\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can say
_LABEL = b"evenkeel %s %s"  # the archive's comment, its last bytes: the version, and the Python that its bytecode is for
_LABEL_SIZE = 9 + 12 + 1 + 8
_UNCHECKED = (1).to_bytes(4, "little")  # PEP 552: bytecode that is valid without a look at its source


def sources(command: ModuleType) -> Sources:
    """`command`, which is `cli`, and every module of the engine that came with it, whether this run needs it or not."""
    package = sys.modules[command.__name__.rpartition(".")[0]]
    found = {}
    for finder, name, _ in pkgutil.iter_modules(package.__path__):
        loader = finder.find_spec("%s.%s" % (package.__name__, name)).loader  # type: ignore[union-attr, call-arg]
        found[name] = loader.get_source("%s.%s" % (package.__name__, name)).encode()  # type: ignore[union-attr]
    return _named(found)


def sources_in(folder: str) -> Sources:
    """The same from the files of a checkout."""
    found = {}
    for path in glob.glob(os.path.join(glob.escape(folder), "*.py")):
        with open(path, "rb") as stream:
            found[os.path.basename(path)[:-3]] = stream.read()
    found.pop("__init__")
    return _named(found)


def version(modules: Sources) -> str:
    """A short name for the engine that `modules` make."""
    digest = hashlib.sha256()
    for name in sorted(modules):
        digest.update(b"%s\0%d\0" % (name.encode(), len(modules[name])))
        digest.update(modules[name])
    return digest.hexdigest()[:12]


def build(modules: Sources) -> bytes:
    """The archive: the sources, and their bytecode for the Python that runs now; another one reads the sources."""
    import zipfile

    stream = io.BytesIO()
    stream.write(b"#!/usr/bin/python3\n")
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, source in sorted(modules.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), source)
            archive.writestr(zipfile.ZipInfo(name + "c", _EPOCH), _bytecode(name, source))
        archive.comment = _label(version(modules))
    return stream.getvalue()


def install(host: Host, modules: Sources) -> bool:
    """Replace the host's engine by one rename(2); False when it is equal already. A running one goes on undisturbed."""
    if fits(host, version(modules)):
        return False
    _remove_halves(host)
    host.disk.replace(host.paths.command, build(modules), 0o755)
    return True


def fits(host: Host, wanted: str) -> bool:
    """Whether the engine on this host is the version `wanted`, with bytecode for the Python that runs now."""
    return _tail(host) == _label(wanted)


def installed(host: Host) -> Optional[str]:
    """The version of the engine on this host; None when there is none."""
    tail = _tail(host)
    if not tail:
        return None
    words = tail.split()
    return words[1].decode() if len(words) == 3 and words[0] == b"evenkeel" else "unknown"


def _label(wanted: str) -> bytes:
    return _LABEL % (wanted.encode(), importlib.util.MAGIC_NUMBER.hex().encode())


def _tail(host: Host) -> bytes:
    """The last bytes of the engine; empty when there is none."""
    try:
        with open(host.paths.command, "rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _LABEL_SIZE))
            return stream.read()
    except OSError:
        return b""


def _remove_halves(host: Host) -> None:
    """What an installation left that was killed; one that another run is at right now is not touched."""
    for path in glob.glob(glob.escape(host.paths.command) + ".*.new"):
        if not os.path.exists("/proc/" + path.split(".")[-2]):
            host.disk.remove(path)


def _bytecode(name: str, source: bytes) -> bytes:
    code = compile(source, name, "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + _UNCHECKED + importlib.util.source_hash(source) + marshal.dumps(code)


def _named(modules: Mapping[str, bytes]) -> Sources:
    return dict(_archived(modules))


def _archived(modules: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    yield "__main__.py", _MAIN
    yield "evenkeel/__init__.py", b""
    for name, source in modules.items():
        yield "evenkeel/%s.py" % name, source
