"""An address that leads to a folder above the sites: whose vhost it is, there nobody's PHP runs and nobody's rules hold. Pure."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from .apache_config import ApacheConfig, Directive
from .manifest import Manifest

_LEADING = ("alias", "scriptalias", "documentroot")


def above_sites(config: ApacheConfig, manifest: Manifest) -> Iterator[tuple[Directive, str]]:
    """Directives that open a folder in which more than one site lies, and why that is wrong."""
    roots = {str(facts["document_root"]) for facts in manifest.sites.values()}
    above = Counter(folder for root in roots for folder in _above(root))
    for directive in config.named(*_LEADING):
        path = directive.words[-1].rstrip("/") if directive.words else ""
        if above[path] > 1 and path not in roots:
            yield directive, "%d sites lie there, and their sources would be shown" % above[path]


def _above(path: str) -> Iterator[str]:
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        yield path.rstrip("/")
