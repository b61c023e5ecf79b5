"""Settings links: what the engine puts into document roots. They are neither copied, overwritten nor deleted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from .config import Paths, Site

ALWAYS = ("/sessions/", "/tmp/", "/.evenkeel-kept/", ".*.evenkeel")  # PHP's private folders, what was kept aside, halves of links


def settings_of(paths: Paths) -> dict[str, list[str]]:
    """By site, every settings file of the current release and of those staged since: a push may make them current any moment."""
    found: dict[str, set[str]] = {}
    for folder in _releases(paths):
        for path in _files(folder):
            parts = path.split("/", 2)
            if parts[0] == "settings" and len(parts) == 3:
                found.setdefault(parts[1], set()).add(parts[2])
    return {site: sorted(inner) for site, inner in found.items()}


def excludes(site: Site, settings: Iterable[str]) -> list[str]:
    """rsync's patterns, from the site's home; they hide at the origin and protect here."""
    root = site.document_root[len(site.home) :]
    return [*ALWAYS, *("%s/%s" % (root, _literal(path)) for path in settings)]


def _literal(path: str) -> str:
    """A path in which rsync sees no pattern; the compiler lets no other special character into one."""
    return path.replace("[", "\\[") if "[" in path else path


def _releases(paths: Paths) -> Iterator[str]:
    try:
        current = os.stat(os.path.realpath(paths.current)).st_mtime
    except FileNotFoundError:
        return
    for entry in os.scandir(paths.releases):
        if entry.is_dir(follow_symlinks=False) and entry.stat().st_mtime >= current:
            yield entry.path


def _files(folder: str) -> Iterable[str]:
    try:
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as stream:
            document: Any = json.load(stream)
        return list(document["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return []  # half staged, or edited by hand: the engine speaks of it, and no link leads there
