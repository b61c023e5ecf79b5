"""Balancers' files with some sites as they are live: what belongs to a site there is lines of maps, and its certificate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from .edge_certificates import LIST, default, name_of, users
from .errors import InvalidRelease
from .manifest import CERTIFICATES, MAPS, FileEntry, Manifest
from .release import Release

Files = dict[str, tuple[FileEntry, bytes]]


def held_back(live: Release, candidate: Release, sites: set[str], merged: Manifest) -> tuple[Manifest, Mapping[str, bytes]]:
    """`merged` with the files that hold both the candidate's and the held sites' lines, and the contents of those."""
    _refuse_takeovers(live, candidate, sites)
    made, gone = _certificates(live, candidate, sites)
    made.update(_maps(live, candidate, sites))
    made[LIST] = _list(live, candidate, made, gone)
    files = {path: entry for path, entry in merged.files.items() if path not in gone}
    files.update({path: entry for path, (entry, _) in made.items()})
    return replace(merged, files=files), {path: content for path, (_, content) in made.items()}


def _refuse_takeovers(live: Release, candidate: Release, sites: set[str]) -> None:
    """A held site that keeps a name which the candidate gives to another one would have to share it."""
    kept = _names(live, sites)
    others = set(candidate.manifest.sites) - sites
    taken = sorted(kept & _names(candidate, others))
    if taken:
        raise InvalidRelease(
            "%s cannot be held back: the name %s goes to another site in this release; push both, or neither"
            % (", ".join(sorted(sites)), taken[0])
        )


def _names(release: Release, sites: Iterable[str]) -> set[str]:
    known = release.manifest.sites
    return {name for site in sites if site in known for name in known[site]["vhosts"]}


def _maps(live: Release, candidate: Release, sites: set[str]) -> Iterator[tuple[str, tuple[FileEntry, bytes]]]:
    """Every map: the candidate's lines, but for the names of held sites."""
    away, back = _names(candidate, sites), _names(live, sites)
    for path, entry in candidate.manifest.files.items():
        if path.startswith(MAPS):
            lines = [line for line in _lines(candidate, path) if _first(line) not in away]
            lines += [line for line in _lines(live, path) if _first(line) in back]
            yield path, _file(entry, lines)


def _certificates(live: Release, candidate: Release, sites: set[str]) -> tuple[Files, set[str]]:
    """Those of held sites alone: live's files, and the paths that go with the candidate's."""
    made: Files = {}
    gone: set[str] = set()
    shared = {name for name in _certificate_names(candidate) if set(users(candidate, name)) - sites} | {default(candidate)}
    for name in _used(candidate, sites) - shared:
        gone.update(_paths(name))
    for name in _used(live, sites) - shared:
        for path in _paths(name):
            with open(live.file(path), "rb") as stream:
                made[path] = (live.manifest.files[path], stream.read())
    return made, gone - set(made)


def _certificate_names(release: Release) -> set[str]:
    return {name_of(path) for path in release.manifest.files if path.startswith(CERTIFICATES)}


def _used(release: Release, sites: Iterable[str]) -> set[str]:
    known = release.manifest.sites
    return {str(known[site]["certificate"]["name"]) for site in sites if site in known}


def _paths(name: str) -> tuple[str, str]:
    return CERTIFICATES + name + ".pem", CERTIFICATES + name + ".pem.key"


def _list(live: Release, candidate: Release, made: Files, gone: set[str]) -> tuple[FileEntry, bytes]:
    """The default certificate stays first."""
    first, *rest = [line for line in _lines(candidate, LIST) if CERTIFICATES + name_of(line) + ".pem" not in gone]
    more = [line for line in _lines(live, LIST) if CERTIFICATES + name_of(line) + ".pem" in made]
    return _file(candidate.manifest.files[LIST], [first, *sorted({*rest, *more} - {first})], ordered=True)


def _lines(release: Release, path: str) -> list[str]:
    """The lines of a list or a map; none of one that the release does not have."""
    if path not in release.manifest.files:
        return []
    with open(release.file(path), encoding="ascii") as stream:
        return [line.rstrip("\n") for line in stream if line.strip() and not line.startswith("#")]


def _first(line: str) -> str:
    return line.split()[0]


def _file(entry: FileEntry, lines: Iterable[str], ordered: bool = False) -> tuple[FileEntry, bytes]:
    text = "".join(line + "\n" for line in (lines if ordered else sorted(lines)))
    content = ("# Managed by Evenkeel: changes here are lost.\n" + text).encode("ascii")
    return replace(entry, sha256=hashlib.sha256(content).hexdigest()), content
