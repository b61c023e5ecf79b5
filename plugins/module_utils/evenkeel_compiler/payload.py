"""The compressed form in which a release travels, straight from the compiler."""

from __future__ import annotations

from ..release_pack import pack
from .compile import Release


def payload(release: Release) -> bytes:
    """The same release gives the same bytes."""
    return pack(release.manifest_bytes, ((path, int(file.mode, 8), file.content) for path, file in release.files.items()))
