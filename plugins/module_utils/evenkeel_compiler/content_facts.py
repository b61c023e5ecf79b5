"""What hosts must know of the sites' files. It is no part of a release: files come and go without one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .compile import sites_of
from .truth import Truth


def content_facts(truth: Truth, pool: str) -> dict[str, dict[str, Any]]:
    """By site of `pool`: user, home, document root, and the fields of `content` that are not empty. Proxies have no files."""
    return {
        site.name: {
            "user": site.user,
            "home": site.home,
            "document_root": site.document_root,
            **{name: value for name, value in asdict(site.content).items() if value},
        }
        for site in sites_of(truth, pool)
        if site.kind != "proxy"
    }
