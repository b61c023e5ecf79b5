"""What the vhost template prints: everything is decided here, so that the template only writes it down."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Proxy, Redirect, Site
from .quoting import literal

MEBIBYTE = 1024 * 1024
OPTIONS = "Options=Indexes,MultiViews,SymLinksIfOwnerMatch"
HTACCESS_OPEN = f"AuthConfig Indexes Limit {OPTIONS}"
HTACCESS_RESTRICTED = f"Indexes {OPTIONS}"  # a .htaccess must not open what the site file closed


@dataclass(frozen=True)
class RedirectView:
    """A redirect as RedirectMatch takes it; `target` is None for 410."""

    pattern: str
    target: str | None
    code: int


@dataclass(frozen=True)
class VhostView:
    """One site as its vhost shows it."""

    name: str
    source: str
    server_name: str
    serving_aliases: tuple[str, ...]
    redirecting_aliases: tuple[str, ...]
    kind: str
    state: str
    reason: str
    retry_after_s: int
    document_root: str
    index: tuple[str, ...]
    htaccess: bool
    htaccess_classes: str
    pass_auth: bool
    socket: str | None
    target: str | None
    proxy_options: str
    preserve_host: bool
    tls_target: bool
    redirects: tuple[RedirectView, ...]
    headers: tuple[tuple[str, str], ...]
    error_pages: tuple[tuple[int, str], ...]
    restricted: bool
    realm: str | None
    allow: tuple[str, ...]
    deny: tuple[str, ...]
    body_bytes: int
    timeout_s: int
    own_log: bool


def vhost_view(site: Site) -> VhostView:
    """All that the vhost of `site` needs."""
    redirecting = redirects_aliases(site)
    restricted = is_restricted(site)
    return VhostView(
        name=site.name,
        source=site.source,
        server_name=site.server_name,
        serving_aliases=() if redirecting else site.aliases,
        redirecting_aliases=site.aliases if redirecting else (),
        kind=site.kind,
        state=site.state,
        reason=site.state_reason,
        retry_after_s=site.retry_after_s,
        document_root=site.document_root,
        index=site.index,
        htaccess=site.htaccess,
        htaccess_classes=HTACCESS_RESTRICTED if restricted else HTACCESS_OPEN,
        pass_auth=site.kind == "php" and site.access.basic_auth is None,
        socket=site.php.socket if site.php else None,
        target=f"{site.proxy.target}/" if site.proxy else None,
        proxy_options=proxy_options(site.proxy) if site.proxy else "",
        preserve_host=bool(site.proxy and site.proxy.preserve_host),
        tls_target=bool(site.proxy and site.proxy.target.startswith("https:")),
        redirects=tuple(redirect_view(redirect) for redirect in site.redirects),
        headers=site.headers,
        error_pages=site.error_pages,
        restricted=restricted,
        realm=site.access.basic_auth.realm if site.access.basic_auth else None,
        allow=site.access.allow,
        deny=site.access.deny,
        body_bytes=site.limits.body_mb * MEBIBYTE,
        timeout_s=site.limits.timeout_s,
        own_log=site.log == "own",
    )


def redirects_aliases(site: Site) -> bool:
    """Whether the aliases send visitors to the name. A site that is not served says so itself, under every name."""
    return site.canonical and site.state == "active" and bool(site.aliases)


def is_restricted(site: Site) -> bool:
    return bool(site.access.basic_auth or site.access.allow or site.access.deny)


def redirect_view(redirect: Redirect) -> RedirectView:
    """`/old/*` passes on what stands for the star; 410 has no target."""
    target = redirect.target or None
    if not redirect.source.endswith("/*"):
        return RedirectView(f"^{literal(redirect.source)}$", target, redirect.code)
    return RedirectView(f"^{literal(redirect.source[:-1])}(.*)$", f"{target}$1" if target else None, redirect.code)


def proxy_options(proxy: Proxy) -> str:
    """`nocanon` keeps %2F as it came; `retry=0` asks a backend that failed again at once, there is no other."""
    options = f"connectiontimeout={proxy.connect_timeout_s} timeout={proxy.timeout_s} retry=0 nocanon"
    return f"{options} upgrade=websocket" if proxy.websocket else options
