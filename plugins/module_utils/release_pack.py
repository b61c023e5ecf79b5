"""Write the compressed form in which a release travels: the manifest first, then every file in the manifest's order."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .evenkeel.errors import InvalidRelease
from .evenkeel.manifest import MANIFEST

if TYPE_CHECKING:  # half of a host's engine, which a controller that packs has no use for
    from .evenkeel.release import Release
    from .evenkeel.store import Store

_LEVEL = 6  # configuration shrinks to a twentieth; more effort gains nothing

Files = Iterable[tuple[str, int, bytes]]  # path, mode and content


def pack(manifest: bytes, files: Files) -> bytes:
    """A deterministic tar.gz: regular files, mtime 0, owner 0."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=packed, mtime=0) as stream:
        stream.write(_tar(manifest, files))
    return packed.getvalue()


def of_release(store: Store, release_id: str) -> bytes:
    """A release of this host as it came; InvalidRelease unless every byte is what its manifest says."""
    release = store.load(release_id)
    edited = store.drift(release)
    if edited:
        raise InvalidRelease("release %s was edited by hand on this host (%s)" % (release_id, "; ".join(edited[:3])))
    return pack(release.manifest.to_bytes(), _files(release))


def _files(release: Release) -> Iterator[tuple[str, int, bytes]]:
    for path, entry in sorted(release.manifest.files.items()):
        yield path, int(entry.mode, 8), Path(release.file(path)).read_bytes()


def _tar(manifest: bytes, files: Files) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
        _add(archive, MANIFEST, 0o644, manifest)
        for path, mode, content in files:
            _add(archive, path, mode, content)
    return plain.getvalue()


def _add(archive: tarfile.TarFile, path: str, mode: int, content: bytes) -> None:
    member = tarfile.TarInfo(path)
    member.size = len(content)
    member.mode = mode
    archive.addfile(member, io.BytesIO(content))
