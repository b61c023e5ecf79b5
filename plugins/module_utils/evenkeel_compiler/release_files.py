"""Every file of a release but the manifest: its content, and who may read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..evenkeel.manifest import FileEntry, canonical
from .fpm_pool import fpm_pool_view
from .model import Php, Pool, SettingsFile, Site
from .pool import PoolView, folders, pool_view
from .probes import document, site_probes
from .render import Renderer
from .vhost import vhost_view

WEB_GROUP = "www-data"


@dataclass(frozen=True)
class ReleaseFile:
    """One file; `site` is None for what belongs to the pool as a whole."""

    content: bytes
    mode: str = "0644"
    group: str = "root"
    site: str | None = None
    secret: bool = False


Named = tuple[str, ReleaseFile]


@dataclass(frozen=True)
class Rendered:
    """What the templates made of one site, and its line of probes.json; both follow from the site and its pool."""

    files: Mapping[str, ReleaseFile]
    probes: bytes


def pool_files(renderer: Renderer, pool: Pool, sites: tuple[Site, ...]) -> Iterator[Named]:
    """The files around the sites, but for their probes."""
    view = pool_view(pool, sites)
    yield from _server_files(renderer, view)
    yield from _system_files(renderer, view, sites)


def rendered(renderer: Renderer, pool: Pool, site: Site) -> Rendered:
    """RenderFailed names the site whose value cannot be written."""
    probes = [document(probe) for probe in site_probes(site, pool.scheme)]
    return Rendered(dict(_site_files(renderer, site)), canonical(probes))


def settings_files(site: Site) -> Iterator[Named]:
    for settings in site.settings:
        yield f"settings/{site.name}/{settings.path}", _settings_file(site, settings)


def _site_files(renderer: Renderer, site: Site) -> Iterator[Named]:
    vhost = renderer.render("apache2/sites/vhost.conf", site.source, vhost=vhost_view(site))
    yield f"apache2/sites/{site.name}.conf", ReleaseFile(vhost, site=site.name)
    if site.access.basic_auth:
        users = renderer.render("apache2/htpasswd/site", site.source, users=site.access.basic_auth.users)
        yield f"apache2/htpasswd/{site.name}", ReleaseFile(users, "0640", WEB_GROUP, site.name, secret=True)
    if site.php:
        yield _fpm_file(renderer, site, site.php)


def entry(file: ReleaseFile, sha256: str) -> FileEntry:
    return FileEntry(sha256, file.mode, file.group, file.site, file.secret)


def _server_files(renderer: Renderer, view: PoolView) -> Iterator[Named]:
    main = "apache2/apache2.conf"
    yield main, ReleaseFile(renderer.render(main, view.name, pool=view))
    for version in view.php_versions:
        master = renderer.render("php/php-fpm.conf", f"PHP {version}", version=version)
        yield f"php/{version}/php-fpm.conf", ReleaseFile(master)


def _system_files(renderer: Renderer, view: PoolView, sites: Iterable[Site]) -> Iterator[Named]:
    below = [folder for site in sites for folder in folders(site)]
    for path in ("sysusers.d/evenkeel.conf", "tmpfiles.d/evenkeel.conf", "logrotate.d/evenkeel"):
        yield path, ReleaseFile(renderer.render(path, view.name, pool=view, sites=sites, folders=below))


def _fpm_file(renderer: Renderer, site: Site, php: Php) -> Named:
    dedicated = php.isolation == "dedicated"
    template = "php/dedicated/master.conf" if dedicated else "php/pool.d/pool.conf"
    content = renderer.render(template, site.source, site=fpm_pool_view(site, php))
    folder = "dedicated" if dedicated else "pool.d"
    return f"php/{php.version}/{folder}/{site.name}.conf", ReleaseFile(content, site=site.name)


def _settings_file(site: Site, settings: SettingsFile) -> ReleaseFile:
    """A secret is for who needs it: the site's own PHP, or Apache where there is none."""
    if not settings.secret:
        return ReleaseFile(settings.content, site=site.name)
    group = site.user if site.php else WEB_GROUP
    return ReleaseFile(settings.content, "0640", group, site.name, secret=True)
