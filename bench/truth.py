"""A hosting company's truth of N sites: nineteen of twenty static, one PHP, in every contender's own spelling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PHP_EVERY = 20
HOMES = "/srv/www"
PHP_VERSION = "8.2"

_STATIC = """\
server_name: {name}.example
aliases: [www.{name}.example]
kind: static
headers:
  X-Frame-Options: SAMEORIGIN
redirects:
  - {{from: /old, to: /new{turn}}}
error_pages:
  "404": /errors/404.html
"""
_PHP = """\
server_name: {name}.example
aliases: [www.{name}.example]
kind: php
headers:
  X-Frame-Options: SAMEORIGIN
redirects:
  - {{from: /old, to: /new{turn}}}
"""
_SETTINGS = "<?php return ['db' => '{name}'];\n"
_BROKEN = "<?php require __DIR__ . '/class-wp-locale.phpp';\n"


@dataclass(frozen=True)
class Truth:
    """`turns` says how often a site, or with None the whole pool, was changed; `broken` is a site with a mistake."""

    size: int
    turns: tuple[tuple[str | None, int], ...] = ()
    broken: str | None = None

    @property
    def sites(self) -> list[str]:
        return [site_name(number) for number in range(self.size)]

    def turn(self, site: str | None) -> int:
        return dict(self.turns).get(site, 0)

    def turned(self, site: str | None) -> Truth:
        """The same with `site` changed once more; None changes what all sites share."""
        turns = {**dict(self.turns), site: self.turn(site) + 1}
        return Truth(self.size, tuple(turns.items()), self.broken)

    def with_mistake(self, site: str | None) -> Truth:
        return Truth(self.size, self.turns, site)


def site_name(number: int) -> str:
    return f"site{number:05d}"


def is_php(site: str) -> bool:
    return int(site[4:]) % PHP_EVERY == 0


def page(site: str) -> str:
    """What a visitor of the front page must find."""
    return f"This is {site}."


def write_ours(truth: Truth, folder: Path) -> None:
    """`sites/` and `group_vars/` as Evenkeel reads them; files that are right already are left alone."""
    for site in truth.sites:
        text = (_PHP if is_php(site) else _STATIC).format(name=site, turn=truth.turn(site) or "")
        _write(folder / "sites" / site / "site.yml", text)
        if is_php(site):
            settings = _BROKEN if site == truth.broken else _SETTINGS.format(name=site)
            _write(folder / "sites" / site / "settings/config.php", settings)
    pool = {"evenkeel_pool": {"name": "web", "server_admin": _admin(truth), "trusted_probers": []}}
    _write(folder / "group_vars/web/evenkeel.yml", _yaml(pool))


def write_edge(address: str, folder: Path) -> None:
    """What two balancers need to know, who share `address`."""
    edge = {"evenkeel_edge": {"name": "edge", "addresses": [f"{address}/24"], "vrrp_id": 77}}
    _write(folder / "group_vars/edge/evenkeel.yml", _yaml(edge))


def write_hand(truth: Truth, folder: Path) -> None:
    """A list of sites as variables, for the hand-written playbook."""
    sites = [_hand_site(truth, site) for site in truth.sites]
    _write(folder / "group_vars/web/sites.yml", _yaml({"server_admin": _admin(truth), "sites": sites}))


def write_peer(truth: Truth, folder: Path) -> None:
    """The variables of geerlingguy.apache."""
    shared = f"DirectoryIndex index.php index.html\nServerAdmin {_admin(truth)}\n"
    variables = {
        "apache_remove_default_vhost": True,
        "apache_mods_enabled": ["rewrite", "headers", "proxy", "proxy_fcgi", "setenvif"],
        "apache_global_vhost_settings": shared,
        "apache_vhosts": [_peer_vhost(truth, site) for site in truth.sites],
    }
    _write(folder / "group_vars/web/apache.yml", _yaml(variables))


def _hand_site(truth: Truth, site: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": site,
        "server_name": f"{site}.example",
        "aliases": [f"www.{site}.example"],
        "document_root": _root(site),
        "php": is_php(site),
        "headers": {"X-Frame-Options": "SAMEORIGIN"},
        "redirects": {"/old": _target(truth, site)},
    }
    return {**found, "extra": "Redirectt /a /b"} if site == truth.broken else found


def _peer_vhost(truth: Truth, site: str) -> dict[str, str]:
    extra = ['Header always set X-Frame-Options "SAMEORIGIN"', f"Redirect 301 /old http://{site}.example{_target(truth, site)}"]
    if is_php(site):
        handler = f'SetHandler "proxy:unix:/run/php/{site}.sock|fcgi://localhost"'
        extra += ['<FilesMatch "\\.php$">', "  " + handler, "</FilesMatch>"]
    else:
        extra += ["ErrorDocument 404 /errors/404.html"]
    if site == truth.broken:
        extra += ["Redirectt /a /b"]
    return {
        "servername": f"{site}.example",
        "serveralias": f"www.{site}.example",
        "documentroot": _root(site),
        "extra_parameters": "\n".join(extra),
    }


def content(sites: list[str]) -> Iterator[tuple[str, str]]:
    """(path, text) of what the sites' owners uploaded, below HOMES."""
    for site in sites:
        if is_php(site):
            yield f"{site}/public/index.php", f"<?php $c = require __DIR__ . '/config.php'; echo '{page(site)}', $c['db'];\n"
        else:
            yield f"{site}/public/index.html", f"<p>{page(site)}</p>\n"


def settings(site: str) -> str:
    """config.php where it is a plain file, because nobody publishes it."""
    return _SETTINGS.format(name=site)


def _root(site: str) -> str:
    return f"{HOMES}/{site}/public"


def _target(truth: Truth, site: str) -> str:
    return f"/new{truth.turn(site) or ''}"


def _admin(truth: Truth) -> str:
    return f"webmaster{truth.turn(None) or ''}@hosting.example"


def _yaml(variables: dict[str, Any]) -> str:
    """As people write variables; JSON, which Ansible reads many times faster, nobody does."""
    return yaml.dump(variables, Dumper=yaml.CSafeDumper, sort_keys=False, width=1000)


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
