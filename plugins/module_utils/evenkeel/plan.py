"""What publishing one release over another touches. Pure: two releases in, one Change out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from .manifest import CERTIFICATES, MAPS, PROBES, FileEntry, Manifest
from .release import Release
from .site_probes import SiteProbes


@dataclass(frozen=True)
class Change:
    """Sites by what happens to them, pool-wide files that differ, and the services that must reload."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    pool_files: tuple[str, ...]
    php_versions: tuple[str, ...]  # shared masters to reload
    dedicated: tuple[str, ...]  # sites whose own master starts, stops or reloads
    twin_pools: tuple[str, ...]  # php sites whose candidate pool or settings the twin must run itself
    touched: tuple[str, ...]  # sites of the candidate to probe

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.removed or self.pool_files)

    def summary(self) -> str:
        """One line for people, such as `1 site changed (blog), pool files: apache2/apache2.conf`."""
        parts = [_count(names, verb) for names, verb in self._groups() if names]
        if self.pool_files:
            parts.append("pool files: " + ", ".join(self.pool_files[:3]) + (" ..." if len(self.pool_files) > 3 else ""))
        return "; ".join(parts) or "nothing changes"

    def _groups(self) -> list[tuple[tuple[str, ...], str]]:
        return [(self.added, "added"), (self.changed, "changed"), (self.removed, "removed")]


def _count(names: tuple[str, ...], verb: str) -> str:
    shown = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
    return "%d site%s %s (%s)" % (len(names), "" if len(names) == 1 else "s", verb, shown)


def plan(live: Release, candidate: Release) -> Change:
    """What publishing `candidate` over `live` touches: files, sites and the services that must reload."""
    old, new = live.manifest, candidate.manifest
    before, after = _fingerprints(live), _fingerprints(candidate)
    changed = tuple(sorted(site for site in after if site in before and before[site] != after[site]))
    pool_files = _differing(old.pool_files(), new.pool_files())
    pool_wide = any(_reaches_every_site(path) for path in pool_files)
    added = tuple(sorted(set(after) - set(before)))
    removed = tuple(sorted(set(before) - set(after)))
    moved = set(added) | set(changed) | set(removed)
    php_moved = _php_moved(old, new, moved)
    return Change(
        added=added,
        changed=changed,
        removed=removed,
        pool_files=pool_files,
        php_versions=_masters(old, new, php_moved, pool_files),
        dedicated=tuple(sorted(site for site in moved if _isolated(old, site) or _isolated(new, site))),
        twin_pools=_twin_pools(new, php_moved, pool_files),
        touched=tuple(sorted(after)) if pool_wide else tuple(sorted(set(added) | set(changed))),
    )


def changed_files(live: Release, candidate: Release) -> tuple[str, ...]:
    """The files that differ, those of the whole pool first: one of them is the cause of whatever is wrong."""
    old, new = live.manifest.files, candidate.manifest.files
    paths = {path for path in set(old) | set(new) if old.get(path) != new.get(path)} - {PROBES}
    owner = {path: (new.get(path) or old[path]).site for path in paths}
    return tuple(sorted(paths, key=lambda path: (owner[path] is not None, path)))


def _fingerprints(release: Release) -> dict[str, tuple[Any, ...]]:
    """What makes a site: its files, its facts and its probes."""
    files: dict[str, list[tuple[str, str, str, str]]] = {site: [] for site in release.manifest.sites}
    for path, entry in release.manifest.files.items():
        if entry.site is not None:
            files[entry.site].append((path, entry.sha256, entry.mode, entry.group))
    return {site: (sorted(files[site]), facts, _promised(release, site)) for site, facts in release.manifest.sites.items()}


def _promised(release: Release, site: str) -> Any:
    probes = release.probes
    return probes.text(site) if isinstance(probes, SiteProbes) else probes.get(site)


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(path for path in set(old) | set(new) if old.get(path) != new.get(path)))


def _reaches_every_site(path: str) -> bool:
    """System users, folders and log rotation answer no request; everything else of the pool may.

    What a balancer's maps and certificates mean for a site is among that site's facts as well.
    """
    return not path.startswith(("sysusers.d/", "tmpfiles.d/", "logrotate.d/", MAPS, CERTIFICATES))


def php_of(manifest: Manifest, site: str) -> Optional[Mapping[str, Any]]:
    facts = manifest.sites.get(site)
    return None if facts is None else facts.get("php")


def _isolated(manifest: Manifest, site: str) -> bool:
    php = php_of(manifest, site)
    return php is not None and php["isolation"] == "dedicated"


def _php_moved(old: Manifest, new: Manifest, moved: Any) -> set[str]:
    """Those of `moved` whose pools or settings differ."""
    before, after = _php_files(old), _php_files(new)
    return {site for site in moved if before.get(site) != after.get(site)}


def _php_files(manifest: Manifest) -> dict[str, dict[str, FileEntry]]:
    """Pools and settings by site, with their rights: a file that PHP may not read any more is another file to it.

    In one walk, because a walk for each site would make the cost grow with the square of the sites.
    """
    prefixes = ("php/", "settings/")
    found: dict[str, dict[str, FileEntry]] = {}
    for path, entry in manifest.files.items():
        if entry.site is not None and path.startswith(prefixes):
            found.setdefault(entry.site, {})[path] = entry
    return found


def _masters(old: Manifest, new: Manifest, php_moved: set[str], pool_files: tuple[str, ...]) -> tuple[str, ...]:
    """Shared masters that must reload: their own file or a pool changed, or a settings file did.

    A settings file is reached through `current`; PHP's realpath cache would keep the old one for up to two minutes.
    """
    versions = {path.split("/")[1] for path in pool_files if path.startswith("php/")}
    for site in php_moved:
        for manifest in (old, new):
            php = php_of(manifest, site)
            if php is not None and php["isolation"] == "shared":
                versions.add(php["version"])
    return tuple(sorted(versions))


def _twin_pools(new: Manifest, php_moved: set[str], pool_files: tuple[str, ...]) -> tuple[str, ...]:
    whole = {path.split("/")[1] for path in pool_files if path.startswith("php/")}
    chosen = {site for site in php_moved if php_of(new, site)}
    for site in new.sites:
        php = php_of(new, site)
        if php is not None and php["version"] in whole:
            chosen.add(site)
    return tuple(sorted(chosen))
