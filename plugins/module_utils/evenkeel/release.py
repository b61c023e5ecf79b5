"""A release as it lies on this host."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from . import manifest as manifests
from .errors import InvalidRelease
from .manifest import Manifest


@dataclass(frozen=True)
class Release:
    """`path` is the release folder; `probes` maps site names to probe documents (docs/engineers.md)."""

    id: str
    path: str
    manifest: Manifest
    probes: dict[str, list[dict[str, Any]]]

    def file(self, relative: str) -> str:
        return os.path.join(self.path, relative)


def load(path: str) -> Release:
    """Read the release in `path`; InvalidRelease when its name, manifest or probes do not fit."""
    data = _read(os.path.join(path, manifests.MANIFEST))
    release_id = manifests.release_id(data)
    if os.path.basename(path) != release_id:
        raise InvalidRelease("%s holds the manifest of release %s; it was edited or copied" % (path, release_id))
    manifest = manifests.from_bytes(data)
    return Release(release_id, path, manifest, parse_probes(_read(os.path.join(path, manifests.PROBES))))


def parse_probes(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """The probes of all sites by site name."""
    try:
        sites = json.loads(data)["sites"]
        return {str(name): list(probes) for name, probes in sites.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidRelease("probes.json cannot be read: %s: %s" % (type(error).__name__, error)) from error


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise InvalidRelease("%s cannot be read: %s" % (path, error.strerror)) from error
