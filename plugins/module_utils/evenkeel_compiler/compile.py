"""From checked sites to a release: pure but for reading the templates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..evenkeel.manifest import PROBES, WEB, Manifest, probes_file, release_id
from .kept_sites import KeptSites
from .model import Pool, Site
from .pool import php_versions
from .probes import request_headers
from .release_files import ReleaseFile, Rendered, entry, pool_files, rendered, settings_files
from .render import Renderer


class Truth(Protocol):
    """What the compiler needs of the loaded truth."""

    @property
    def sites(self) -> tuple[Site, ...]: ...


@dataclass(frozen=True)
class Release:
    """Everything rendered for a pool. `files` maps a path inside the release to its file, in sorted order."""

    id: str
    manifest: Manifest
    manifest_bytes: bytes
    files: Mapping[str, ReleaseFile]


def compile_pool(truth: Truth, pool: Pool, template_dirs: Sequence[Path], kept: KeptSites | None = None) -> Release:
    """The release of `pool`. Same truth, same bytes. RenderFailed names the site whose value cannot be written."""
    sites = sites_of(truth, pool.name)
    renderer, kept = Renderer(template_dirs), kept or KeptSites()
    files = dict(pool_files(renderer, pool, sites))
    probes = {}
    for site in sites:
        made = _rendered(renderer, pool, site, kept)
        files.update(made.files)
        files.update(settings_files(site))
        probes[site.name] = made.probes
    files[PROBES] = ReleaseFile(probes_file(probes))
    known = {site.name: facts(site, pool.scheme) for site in sites}
    return release_of(WEB, pool.name, php_versions(pool, sites), dict(sorted(files.items())), known)


def _rendered(renderer: Renderer, pool: Pool, site: Site, kept: KeptSites) -> Rendered:
    """What is kept of it, or what the templates make of it now."""
    made = kept.rendered(site.name)
    if made is None:
        made = rendered(renderer, pool, site)
        kept.put_rendered(site.name, made)
    return made


def sites_of(truth: Truth, pool: str) -> tuple[Site, ...]:
    """The sites that the hosts of `pool` serve, ordered by name."""
    here = (site for site in truth.sites if site.state != "absent" and site.pool == pool)
    return tuple(sorted(here, key=lambda site: site.name))


def release_of(
    tier: str, pool: str, php: tuple[str, ...], files: dict[str, ReleaseFile], sites: dict[str, dict[str, Any]]
) -> Release:
    """The release that these files and facts make."""
    entries = {path: entry(file, hashlib.sha256(file.content).hexdigest()) for path, file in files.items()}
    manifest = Manifest(pool, php, entries, sites, tier)
    data = manifest.to_bytes()
    return Release(release_id(data), manifest, data, files)


def facts(site: Site, scheme: str) -> dict[str, Any]:
    """What the manifest says of a site: enough for an engine that has no other source. `scheme` is the visitors'."""
    return {
        "kind": site.kind,
        "state": site.state,
        "server_name": site.server_name,
        "aliases": list(site.aliases),
        "user": site.user,
        "home": site.home,
        "document_root": site.document_root,
        "php": _php_facts(site),
        "vhosts": [site.server_name, *site.aliases],
        "source": site.source,
        "learn": _learn_facts(site, scheme),
    }


def _learn_facts(site: Site, scheme: str) -> dict[str, Any] | None:
    """What a host must know to ask for pages as visitors do; None where it shall not."""
    if site.learn is None:
        return None
    return {"exclude": list(site.learn.exclude), "headers": request_headers(site, scheme)}


def _php_facts(site: Site) -> dict[str, str] | None:
    if site.php is None:
        return None
    return {"version": site.php.version, "isolation": site.php.isolation, "socket": site.php.socket}
