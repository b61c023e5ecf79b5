"""The compressed form in which a release travels: the manifest first, then every file in sorted order."""

from __future__ import annotations

import gzip
import io
import tarfile

from ..evenkeel.manifest import MANIFEST
from .compile import Release

LEVEL = 6  # configuration shrinks to a twentieth; more effort gains nothing


def payload(release: Release) -> bytes:
    """A deterministic tar.gz: regular files, mtime 0, owner 0."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=packed, mtime=0) as stream:
        stream.write(_tar(release))
    return packed.getvalue()


def _tar(release: Release) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
        _add(archive, MANIFEST, release.manifest_bytes, 0o644)
        for path, file in release.files.items():
            _add(archive, path, file.content, int(file.mode, 8))
    return plain.getvalue()


def _add(archive: tarfile.TarFile, path: str, content: bytes, mode: int) -> None:
    member = tarfile.TarInfo(path)
    member.size = len(content)
    member.mode = mode
    archive.addfile(member, io.BytesIO(content))
