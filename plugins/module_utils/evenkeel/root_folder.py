"""`<Directory />` is shut, so that what no other section opens stays shut, whatever link or Alias leads there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .apache_config import ApacheConfig, Directive
from .manifest import Manifest
from .spelling import site_of

_OPEN = re.compile(r"\s*<Directory\s+[\"']?/[\"']?\s*>", re.IGNORECASE)
_END = re.compile(r"\s*</Directory\s*>", re.IGNORECASE)


def opened(config: ApacheConfig, manifest: Manifest) -> Iterator[tuple[Directive, str]]:
    """`Require all granted` for the whole disk, in files of the pool; the dump of Apache does not tell sections apart."""
    granted = [each for each in config.named("require") if each.words == ("all", "granted")]
    files = {each.file for each in granted if each.vhost is None and site_of(manifest, each.file) is None}
    inside = {(file, line) for file in files for line in _lines_inside(file)}
    for directive in granted:
        if (directive.file, directive.line) in inside:
            yield directive, "every file of the host that Apache can read is open where a link or an Alias leads to it"


def _lines_inside(file: str) -> Iterator[int]:
    within = False
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            for number, line in enumerate(stream, 1):
                within = bool(_OPEN.match(line)) or (within and not _END.match(line))
                if within:
                    yield number
    except OSError:
        return
