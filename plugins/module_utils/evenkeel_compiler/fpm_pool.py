"""What the PHP-FPM templates print for one site."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Php, Site

Settings = tuple[tuple[str, str], ...]
PHP_LIBRARIES = "/usr/share/php/"  # where Debian puts libraries that applications share; nobody's secrets


@dataclass(frozen=True)
class FpmPoolView:
    """One site's pool. `defaults` may be changed by the application, `settings` may not."""

    name: str
    source: str
    user: str
    version: str
    socket: str
    max_children: int
    max_requests: int
    idle_timeout_s: int
    request_timeout_s: int
    defaults: Settings
    settings: Settings


def fpm_pool_view(site: Site, php: Php) -> FpmPoolView:
    """All that the pool of `site` needs."""
    return FpmPoolView(
        name=site.name,
        source=site.source,
        user=site.user,
        version=php.version,
        socket=php.socket,
        max_children=php.max_children,
        max_requests=php.max_requests,
        idle_timeout_s=php.idle_timeout_s,
        request_timeout_s=php.request_timeout_s,
        defaults=_defaults(site),
        settings=_settings(site, php),
    )


def _defaults(site: Site) -> Settings:
    """Debian collects old sessions by cron and only in its own folder; here PHP does it."""
    return (
        ("session.gc_divisor", "1000"),
        ("session.gc_probability", "1"),
        ("session.save_path", f"{site.home}/sessions"),
    )


def _settings(site: Site, php: Php) -> Settings:
    """The site's own settings over what follows from its limits, and what no site may change over both.

    httpd does not enforce LimitRequestBody for FastCGI requests, so PHP's own limits say the same.
    """
    body = f"{site.limits.body_mb}M"
    chosen = {"post_max_size": body, "upload_max_filesize": body, **dict(php.settings)}
    return tuple(sorted({**chosen, **_guards(site)}.items()))


def _guards(site: Site) -> dict[str, str]:
    """No error_log: messages go through FastCGI into Apache's error log, where a verdict finds them."""
    return {
        "display_errors": "off",
        "expose_php": "off",
        "log_errors": "on",
        "opcache.validate_permission": "on",  # one master's cache serves all tenants
        "open_basedir": f"{site.home}/:/etc/evenkeel/current/settings/{site.name}/:{PHP_LIBRARIES}",
        "sys_temp_dir": f"{site.home}/tmp",
        "upload_tmp_dir": f"{site.home}/tmp",
        "zend.exception_ignore_args": "on",  # a stack trace must not log passwords
    }
