"""What a site is once it was checked: every default filled in, every list in a stable order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["static", "php", "proxy"]
State = Literal["active", "suspended", "maintenance", "absent"]
Isolation = Literal["shared", "dedicated"]


@dataclass(frozen=True)
class Php:
    """How a site's PHP runs. `socket` is an absolute path; times are seconds, sizes are mebibytes."""

    version: str
    socket: str
    isolation: Isolation
    max_children: int
    max_requests: int
    request_timeout_s: int
    idle_timeout_s: int
    settings: tuple[tuple[str, str], ...]  # allow-listed ini names and values, sorted by name


@dataclass(frozen=True)
class Proxy:
    """Where a proxy site sends its requests. `target` is `http(s)://host[:port][/path]` without a trailing slash."""

    target: str
    connect_timeout_s: int
    timeout_s: int
    websocket: bool
    preserve_host: bool


@dataclass(frozen=True)
class Redirect:
    """`source` is an exact path, or a prefix where it ends in `/*`; `target` a path or an absolute URL.

    What stands for the `*` is appended to `target`. `target` is empty for code 410, and only there.
    """

    source: str
    target: str
    code: int


@dataclass(frozen=True)
class BasicAuth:
    """HTTP basic authentication: `users` are pairs of name and password hash (bcrypt, apr1 or crypt-SHA)."""

    realm: str
    users: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Access:
    """Who may ask. `allow` and `deny` are addresses or networks; an empty `allow` lets everybody in."""

    basic_auth: BasicAuth | None
    allow: tuple[str, ...]
    deny: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """Request limits of a site: mebibytes and seconds."""

    body_mb: int
    timeout_s: int


@dataclass(frozen=True)
class Tls:
    """How balancers meet a site's visitors. `hsts_s` 0: no Strict-Transport-Security; `certificate` is a file's name."""

    redirect: bool = True
    hsts_s: int = 0
    hsts_subdomains: bool = False
    certificate: str = "default"


@dataclass(frozen=True)
class Learn:
    """Hosts ask for the pages that visitors ask for, but for `exclude`: paths, or prefixes where they end in `/*`."""

    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """Where a site's files come from; not part of a release. What its `source` does not use is empty."""

    source: Literal["local", "git", "archive", "shared"] = "local"
    repository: str = ""
    ref: str = ""
    url: str = ""
    sha256: str = ""
    folder: str = ""
    mount: str = ""  # absolute: the site's home or a folder above it
    fstype: str = ""


@dataclass(frozen=True)
class SettingsFile:
    """A file that belongs inside the document root. `path` is relative to it; `content` is rendered already."""

    path: str
    content: bytes
    secret: bool


@dataclass(frozen=True)
class Expect:
    """What an answer must be; None or empty means 'do not care'. `status` is never empty."""

    status: tuple[int, ...]
    site: str | None = None
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    location: str | None = None
    content_type: str | None = None


@dataclass(frozen=True)
class Probe:
    """One request and what its answer must be."""

    name: str
    host: str
    path: str
    expect: Expect
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    body_kb: int = 0  # the body is filled up to so many kibibytes
    own: bool = False  # written by the site's author, not derived


@dataclass(frozen=True)
class Site:
    """One hosted website. Paths are absolute; `source` is relative to the inventory folder."""

    name: str
    source: str
    server_name: str
    aliases: tuple[str, ...]
    canonical: bool
    kind: Kind
    state: State
    state_reason: str
    retry_after_s: int
    user: str
    home: str
    document_root: str
    index: tuple[str, ...]
    htaccess: bool
    php: Php | None
    proxy: Proxy | None
    redirects: tuple[Redirect, ...]
    headers: tuple[tuple[str, str], ...]
    error_pages: tuple[tuple[int, str], ...]
    access: Access
    limits: Limits
    log: Literal["shared", "own"]
    settings: tuple[SettingsFile, ...] = ()
    probes: tuple[Probe, ...] = ()  # the site's own; the derived ones are made in probes.py
    vars: tuple[tuple[str, str | int | bool], ...] = ()  # what the site's own templates read
    pool: str = "web"
    tls: Tls = field(default_factory=Tls)
    content: Content = field(default_factory=Content)
    learn: Learn | None = None


@dataclass(frozen=True)
class Pool:
    """What the hosts of one pool have in common; from the inventory's group variables, checked by the schema."""

    name: str
    php_version: str = "8.2"
    sites_root: str = "/srv/www"
    server_admin: str = "webmaster@localhost"
    trusted_probers: tuple[str, ...] = ()
    max_request_workers: int = 150
    keep_alive_s: int = 5
    timeout_s: int = 60
    log_days: int = 14
    extra_modules: tuple[str, ...] = field(default=())
    balancers: tuple[str, ...] = ()
    learn: Learn | None = field(default_factory=Learn)

    @property
    def scheme(self) -> str:
        """What visitors use: balancers end TLS, a pool without them has none."""
        return "https" if self.balancers else "http"
