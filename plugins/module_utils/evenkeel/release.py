"""A release as it lies on this host."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from . import manifest as manifests
from . import site_probes
from .errors import InvalidRelease
from .manifest import Manifest
from .site_probes import Documents


@dataclass(frozen=True)
class Release:
    """`path` is the release folder; `probes` maps site names to probe documents (docs/engineers.md)."""

    id: str
    path: str
    manifest: Manifest
    probes: Mapping[str, Documents]

    def file(self, relative: str) -> str:
        return os.path.join(self.path, relative)


def placed(path: str, manifest: Manifest) -> Release:
    """The release that was just written to `path`, without reading its manifest again."""
    return Release(manifest.id, path, manifest, site_probes.parse(_read(os.path.join(path, manifests.PROBES))))


def load(path: str) -> Release:
    """Read the release in `path`; InvalidRelease when its name, manifest or probes do not fit."""
    data = _read(os.path.join(path, manifests.MANIFEST))
    release_id = manifests.release_id(data)
    if os.path.basename(path) != release_id:
        raise InvalidRelease("%s holds the manifest of release %s; it was edited or copied" % (path, release_id))
    manifest = manifests.from_bytes(data)
    return Release(release_id, path, manifest, site_probes.parse(_read(os.path.join(path, manifests.PROBES))))


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise InvalidRelease("%s cannot be read: %s" % (path, error.strerror)) from error
