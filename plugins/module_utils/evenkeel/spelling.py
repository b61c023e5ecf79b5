"""Files as the operator knows them: relative to the release, wherever it lies."""

from __future__ import annotations

import re
from typing import Optional

from .manifest import Manifest

CURRENT = "/etc/evenkeel/current/"
_RELEASE = re.compile(r"/etc/evenkeel/(?:current|releases/[0-9a-f]{12})/")
_FPM_TIME = re.compile(r"^\[\d\d-\w{3}-\d{4} [\d:.]+\] ")


def spell(text: str) -> str:
    """A program's message with paths relative to the release (`apache2/sites/blog.conf`) and without its date."""
    return _FPM_TIME.sub("", _RELEASE.sub("", text)).strip()


def site_of(manifest: Manifest, path: str) -> Optional[str]:
    """The site that owns a file, named absolutely or relative to the release; None for all others."""
    entry = manifest.files.get(_RELEASE.sub("", path))
    return None if entry is None else entry.site


def in_release(path: str) -> bool:
    return _RELEASE.match(path) is not None


def site_named_in(manifest: Manifest, text: str) -> Optional[str]:
    """The site whose file a message names."""
    for match in re.finditer(r"/?[\w@.+-]+(?:/[\w@.+-]+)+", _RELEASE.sub("", text)):
        site = site_of(manifest, match.group().rstrip(".:"))
        if site is not None:
            return site
    return None
