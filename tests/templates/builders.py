"""Sites of every kind, made by hand: what the truth would hand to the compiler."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from plugins.module_utils.evenkeel_compiler.compile import Release, compile_pool
from plugins.module_utils.evenkeel_compiler.model import (
    Access,
    BasicAuth,
    Limits,
    Php,
    Pool,
    Proxy,
    Redirect,
    SettingsFile,
    Site,
)

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATE_DIRS = (PROJECT / "roles/apache/templates", PROJECT / "roles/php_fpm/templates")
HASH = "$apr1$abcdefgh$T9LiZnM2ZeAu.H.OYgzKW/"  # of "pass"
MEMBERS = Access(BasicAuth("Members only", (("ann", HASH),)), (), ())


def static_site(name: str = "docs", **changes: Any) -> Site:
    home = f"/srv/www/{name}"
    fields: dict[str, Any] = {
        "name": name,
        "source": f"sites/{name}/site.yml",
        "server_name": f"{name}.example",
        "aliases": (f"www.{name}.example",),
        "canonical": True,
        "kind": "static",
        "state": "active",
        "state_reason": "",
        "retry_after_s": 3600,
        "user": name,
        "home": home,
        "document_root": f"{home}/public",
        "index": ("index.html",),
        "htaccess": False,
        "php": None,
        "proxy": None,
        "redirects": (),
        "headers": (),
        "error_pages": (),
        "access": Access(None, (), ()),
        "limits": Limits(16, 60),
        "log": "shared",
    }
    return Site(**{**fields, **changes})


def php_site(name: str = "blog", isolation: Any = "shared", **changes: Any) -> Site:
    php = Php("8.2", f"/run/php/{name}.sock", isolation, 5, 500, 60, 10, (("memory_limit", "256M"),))
    return static_site(name, **{"kind": "php", "php": php, "index": ("index.php", "index.html"), **changes})


def proxy_site(name: str = "api", target: str = "http://app1:9000", **changes: Any) -> Site:
    return static_site(name, **{"kind": "proxy", "proxy": Proxy(target, 3, 30, True, True), **changes})


SETTINGS = (SettingsFile("wp-config.php", b"<?php // secret\n", True), SettingsFile("robots.txt", b"User-agent: *\n", False))

EVERY_KIND = (
    static_site(
        "docs",
        headers=(("X-Frame-Options", "SAMEORIGIN"),),
        error_pages=((404, "/errors/404.html"),),
        redirects=(
            Redirect("/old.html", "/new", 301),
            Redirect("/shop/*", "https://shop.example/", 308),
            Redirect("/gone", "", 410),
        ),
    ),
    static_site("both", canonical=False, log="own"),
    static_site("office", access=Access(None, ("192.0.2.0/24",), ("192.0.2.7",))),
    php_site("blog", htaccess=True, settings=SETTINGS),
    php_site("shop", isolation="dedicated"),
    php_site("club", htaccess=True, access=MEMBERS),
    proxy_site("api", redirects=(Redirect("/old.html", "/new", 301),)),
    proxy_site("intern", target="https://app2/v1", access=MEMBERS, aliases=()),
    static_site("oldclub", state="suspended", state_reason="The contract ended."),
    php_site("museum", state="maintenance", state_reason="Back on Monday.", retry_after_s=600),
)


def compiled(*sites: Site, pool: Pool | None = None) -> Release:
    return compile_pool(SimpleNamespace(sites=sites), pool or Pool("web"), TEMPLATE_DIRS)


def text(release: Release, path: str) -> str:
    return release.files[path].content.decode()


def vhost(site: Site) -> str:
    return text(compiled(site), f"apache2/sites/{site.name}.conf")


def lines(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if line.strip()]
