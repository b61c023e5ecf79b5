"""The compressed form in which a release travels: a tar of regular files, the manifest first."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO, Optional

from . import manifest as manifests
from .arguments import Packed
from .errors import InvalidRelease
from .manifest import Manifest

MAX_MANIFEST = 64 * 1024 * 1024
MAX_FILE = 64 * 1024 * 1024


class Payload:
    """Reads a payload once, in order; every member is checked against the manifest before it is handed out."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self.manifest: Manifest = self._first()

    def files(self) -> Iterator[tuple[str, bytes]]:
        """(relative path, content) of every file the manifest lists; InvalidRelease unless all are there, once."""
        missing = set(self.manifest.files)
        members = self._members()
        next(members, None)  # the manifest, which was read already
        for name, content in members:
            entry = self.manifest.files.get(name)
            if entry is None or name not in missing:
                raise InvalidRelease("the payload holds %r, which its manifest does not list once" % name[:80])
            if hashlib.sha256(content).hexdigest() != entry.sha256:
                raise InvalidRelease("the payload's %s is not what its manifest says; compile and send it again" % name)
            missing.discard(name)
            yield name, content
        if missing:
            raise InvalidRelease("the payload lacks %d files, first %s" % (len(missing), sorted(missing)[0]))

    def _first(self) -> Manifest:
        for name, content in self._members():
            if name != manifests.MANIFEST:
                raise InvalidRelease("the payload starts with %r instead of manifest.json" % name[:80])
            return manifests.from_bytes(content)
        raise InvalidRelease("the payload is empty")

    def _members(self) -> Iterator[tuple[str, bytes]]:
        try:
            with self._opened() as stream, tarfile.open(fileobj=stream, mode="r|gz") as archive:
                for member in archive:
                    yield member.name, _content(member, archive.extractfile(member) if member.isreg() else None)
        except (tarfile.TarError, EOFError, zlib.error, OSError, TypeError) as error:  # TypeError: cut within gzip's own header
            raise InvalidRelease("the payload cannot be read: %s" % error) from error

    def _opened(self) -> IO[bytes]:
        return io.BytesIO(self._packed) if isinstance(self._packed, bytes) else open(self._packed, "rb")


def _content(member: tarfile.TarInfo, stream: Optional[IO[bytes]]) -> bytes:
    if stream is None:
        raise InvalidRelease("the payload holds %r, which is no regular file" % member.name[:80])
    if member.size > MAX_FILE:
        raise InvalidRelease("the payload's %s has %d bytes; at most %d" % (member.name[:80], member.size, MAX_FILE))
    return stream.read()
