"""What a reload leaves as it is: Apache takes some directives only when it starts, and says so in its log alone."""

from __future__ import annotations

import contextlib
import re

from .release import Release

# https://httpd.apache.org/docs/2.4/mod/mpm_common.html: attempts to change these during a restart are ignored.
_AT_START = re.compile(r"(?im)^[ \t]*(ServerLimit|ThreadLimit)[ \t]+(\d+)[ \t]*$")


def waiting(live: Release, candidate: Release) -> tuple[str, ...]:
    """One sentence for each directive that the twin has, because it was started, and visitors will not, until Apache is."""
    files = {path for path in {*live.manifest.files, *candidate.manifest.files} if path.startswith("apache2/")}
    changed = [path for path in sorted(files) if live.manifest.files.get(path) != candidate.manifest.files.get(path)]
    before, after = _said(live, changed), _said(candidate, changed)
    return tuple(
        "%s stays %s until Apache is restarted; then it is %s." % (name, before[name], after[name])
        for name in sorted(set(before) & set(after))
        if before[name] != after[name]
    )


def _said(release: Release, paths: list[str]) -> dict[str, str]:
    """The last word of these files on each directive."""
    found: dict[str, str] = {}
    for path in paths:
        with contextlib.suppress(OSError), open(release.file(path), encoding="latin-1") as stream:
            found.update(_AT_START.findall(stream.read()))
    return found
