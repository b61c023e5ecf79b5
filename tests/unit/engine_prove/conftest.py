"""A small pool, as its manifest describes it: a PHP site, a static one, and one with a master of its own."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.manifest import FileEntry, Manifest

CURRENT = "/etc/evenkeel/current/"


def entry(site=None):
    return FileEntry("0" * 64, "0644", "root", site, False)


def facts(name, kind, isolation="shared"):
    php = {"version": "8.2", "isolation": isolation, "socket": "/run/php/%s.sock" % name}
    return {
        "kind": kind,
        "state": "active",
        "server_name": name + ".example",
        "aliases": ["www.%s.example" % name],
        "user": name,
        "home": "/srv/www/" + name,
        "document_root": "/srv/www/%s/public" % name,
        "php": php if kind == "php" else None,
        "vhosts": [name + ".example", "www.%s.example" % name],
        "source": "sites/%s/site.yml" % name,
    }


@pytest.fixture
def manifest():
    files = {
        "probes.json": entry(),
        "apache2/apache2.conf": entry(),
        "php/8.2/php-fpm.conf": entry(),
        "apache2/sites/blog.conf": entry("blog"),
        "apache2/sites/docs.conf": entry("docs"),
        "apache2/sites/shop.conf": entry("shop"),
        "php/8.2/pool.d/blog.conf": entry("blog"),
        "php/8.2/dedicated/shop.conf": entry("shop"),
        "settings/blog/wp-config.php": entry("blog"),
    }
    sites = {"blog": facts("blog", "php"), "docs": facts("docs", "static"), "shop": facts("shop", "php", "dedicated")}
    return Manifest("web", ("8.2",), files, sites)
