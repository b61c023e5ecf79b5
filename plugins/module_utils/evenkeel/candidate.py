"""A release that is not on this host yet: genesis, a payload, or a payload with sites held back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Callable

from . import edge_hold, site_probes
from . import manifest as manifests
from .arguments import Packed
from .errors import InvalidRelease
from .manifest import EDGE, PROBES, Manifest
from .payload import Payload
from .release import Release
from .store import Store

Contents = Callable[[], Iterable[tuple[str, bytes]]]


def from_payload(packed: Packed, wanted_id: str) -> Payload:
    """Open a payload; InvalidRelease when it holds another release than `wanted_id`."""
    payload = Payload(packed)
    if payload.manifest.id != wanted_id:
        raise InvalidRelease("the payload holds release %s, not %s; compile again" % (payload.manifest.id, wanted_id))
    return payload


def genesis(payload: Payload) -> tuple[Manifest, Contents]:
    """The first candidate without its sites: what the very first push can be reverted to."""
    manifest, emptied = manifests.without_sites(payload.manifest), manifests.emptied(payload.manifest)

    def contents() -> Iterable[tuple[str, bytes]]:
        for path, content in payload.files():
            if path in manifest.files:
                yield path, emptied.get(path, content)

    return manifest, contents


def held_back(store: Store, live: Release, candidate: Release, sites: set[str]) -> Release:
    """Stage `candidate` with `sites` as they are in `live`; the same name on every host with the same two releases."""
    probes = {name: value for name, value in candidate.probes.items() if name not in sites}
    probes.update({name: live.probes[name] for name in sites if name in live.probes})
    probes_file = manifests.probes_bytes(probes)
    manifest = manifests.hold_back(live.manifest, candidate.manifest, sites, probes_file)
    made: Mapping[str, bytes] = {}
    if manifest.tier == EDGE:
        manifest, made = edge_hold.held_back(live, candidate, sites, manifest)
    made = {**made, PROBES: probes_file}

    def contents() -> Iterable[tuple[str, bytes]]:
        for path, entry in manifest.files.items():
            if path in made:
                yield path, made[path]
                continue
            with open((live if entry.site in sites else candidate).file(path), "rb") as stream:
                yield path, stream.read()

    return store.stage(manifest, contents)


def preview(payload: Payload) -> tuple[Release, dict[str, bytes]]:
    """The payload as a release that is in memory only, for check mode, with the contents of its files."""
    contents = dict(payload.files())
    return Release(payload.manifest.id, "", payload.manifest, site_probes.parse(contents[PROBES])), contents
