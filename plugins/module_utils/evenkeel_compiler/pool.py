"""What the pool-wide templates print: the server around the sites."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Pool, Site

LOOPBACK = ("127.0.0.0/8", "::1")
THREADS_PER_CHILD = 25
MIN_SERVER_LIMIT = 64  # fixed for small pools: a change of ServerLimit needs a restart

MODULES = tuple(
    "mpm_event access_compat alias auth_basic authn_core authn_file authz_core authz_host authz_user deflate dir env"
    " expires filter headers mime proxy proxy_fcgi proxy_http remoteip reqtimeout rewrite setenvif ssl status".split()
)

# FileInfo without what could pick a handler (SetHandler, Action), a filter program or a FastCGI variable.
HTACCESS_DIRECTIVES = tuple(
    "AddCharset AddDefaultCharset AddEncoding AddLanguage AddOutputFilterByType AddType BrowserMatch"
    " BrowserMatchNoCase DefaultLanguage EnableMMAP EnableSendfile ErrorDocument FileETag ForceType Header Redirect"
    " RedirectMatch RedirectPermanent RedirectTemp RemoveCharset RemoveEncoding RemoveHandler RemoveLanguage RemoveType"
    " RequestHeader RewriteBase RewriteCond RewriteEngine RewriteOptions RewriteRule SetEnv SetEnvIf SetEnvIfNoCase"
    " SetOutputFilter UnsetEnv".split()
)


@dataclass(frozen=True)
class Folder:
    """One line of tmpfiles.d."""

    path: str
    mode: str
    user: str
    group: str
    age: str = "-"


@dataclass(frozen=True)
class PoolView:
    """The pool as its main files show it."""

    name: str
    sites_root: str
    server_admin: str
    probers: tuple[str, ...]
    balancers: tuple[str, ...]
    forwarders: tuple[str, ...]
    scheme: str
    modules: tuple[str, ...]
    htaccess_directives: tuple[str, ...]
    php_versions: tuple[str, ...]
    threads_per_child: int
    max_request_workers: int
    server_limit: int
    timeout_s: int
    keep_alive_s: int
    log_days: int


def pool_view(pool: Pool, sites: Iterable[Site]) -> PoolView:
    """All that the server around `sites` needs."""
    children = -(-pool.max_request_workers // THREADS_PER_CHILD)
    return PoolView(
        name=pool.name,
        sites_root=pool.sites_root,
        server_admin=pool.server_admin,
        probers=LOOPBACK + tuple(dict.fromkeys(pool.trusted_probers + pool.balancers)),
        balancers=pool.balancers,
        forwarders=LOOPBACK + pool.balancers,
        scheme=pool.scheme,
        modules=MODULES + tuple(sorted(set(pool.extra_modules) - set(MODULES))),
        htaccess_directives=HTACCESS_DIRECTIVES,
        php_versions=php_versions(pool, sites),
        threads_per_child=THREADS_PER_CHILD,
        max_request_workers=children * THREADS_PER_CHILD,
        server_limit=max(MIN_SERVER_LIMIT, 2 * children),
        timeout_s=pool.timeout_s,
        keep_alive_s=pool.keep_alive_s,
        log_days=pool.log_days,
    )


def php_versions(pool: Pool, sites: Iterable[Site]) -> tuple[str, ...]:
    """The pool's own version and those its sites ask for, oldest first."""
    versions = {pool.php_version} | {site.php.version for site in sites if site.php}
    return tuple(sorted(versions, key=lambda version: [int(part) for part in version.split(".")]))


def folders(site: Site) -> list[Folder]:
    """Home, every folder down to the document root, and PHP's private ones; parents come first."""
    home = [Folder(site.home, "0750", site.user, "www-data")]
    if site.kind == "proxy":
        return home
    public = [Folder(path, "2750", site.user, "www-data") for path in _below(site.home, site.document_root)]
    if site.php is None:
        return home + public
    tmp = Folder(f"{site.home}/tmp", "0700", site.user, site.user, "10d")
    return [*home, *public, Folder(f"{site.home}/sessions", "0700", site.user, site.user), tmp]


def _below(home: str, document_root: str) -> list[str]:
    """`/h`, `/h/app/web` -> `/h/app`, `/h/app/web`; made one by one, or tmpfiles.d gives the first to root."""
    parts = document_root.removeprefix(home).split("/")[1:]
    return ["/".join((home, *parts[: depth + 1])) for depth in range(len(parts))]
