"""What becomes of edits that a push publishes over: they are kept, as files and as a release of their own."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable
from dataclasses import replace

from . import compare
from . import manifest as manifests
from .candidate import Contents
from .drift import Finding
from .errors import EvenkeelError, InvalidRelease
from .host import Host
from .manifest import FileEntry, Manifest
from .release import Release

_FORM = "%Y%m%dT%H%M%SZ"


def copy(host: Host, live: Release, lost: Iterable[Finding]) -> str:
    """Put what lies in the place of each finding below `/var/lib/evenkeel/drift/<time>/`, and return that folder."""
    folder = os.path.join(host.paths.drifted, time.strftime(_FORM, time.gmtime(host.clock.now())))
    host.disk.make_folder(host.paths.drifted, 0o700)
    host.disk.make_folder(folder, 0o700)
    for finding in lost:
        found = compare.content(live.file(finding.path))
        if found is not None:
            target = os.path.join(folder, finding.path)
            host.disk.make_folder(os.path.dirname(target), 0o700)
            host.disk.replace(target, found, 0o600)
    return folder


def as_found(live: Release) -> tuple[Manifest, Contents]:
    """A release of what lies there now; InvalidRelease when no release can be made of it.

    Files that a release cannot name, such as an editor's backups, are left out: Apache and PHP do not read them either.
    """
    found = {path: entry for path in _paths(live) for entry in _entry(live, path)}
    files = {path: entry for path, (entry, _content) in found.items()}
    manifest = manifests.from_bytes(replace(live.manifest, files=files).to_bytes())
    return manifest, lambda: ((path, content) for path, (_entry, content) in found.items())


def _paths(live: Release) -> list[str]:
    own = {manifests.MANIFEST, live.manifest.stamp}
    return sorted(path for path in compare.walk(live.path) if path not in own and _nameable(path))


def _nameable(path: str) -> bool:
    try:
        manifests.check_path(path)
    except InvalidRelease:
        return False
    return True


def _entry(live: Release, path: str) -> list[tuple[FileEntry, bytes]]:
    """One, or none where no regular file lies there; one that nobody compiled counts as secret."""
    content = compare.content(live.file(path))
    if content is None:
        return []
    known = live.manifest.files.get(path)
    digest = hashlib.sha256(content).hexdigest()
    if known is not None:
        return [(replace(known, sha256=digest), content)]
    mode = "%04o" % (stat.S_IMODE(os.lstat(live.file(path)).st_mode) & 0o755)
    return [(FileEntry(digest, mode, "root", None, True), content)]


def unusable(release_id: str, why: EvenkeelError, folder: str) -> EvenkeelError:
    """The edits do not run by themselves, so that nobody could go back to them if the push failed."""
    return EvenkeelError(
        "what was made by hand of release %s does not run (%s), so there would be no way back; nothing was changed. A copy of "
        "the edits is in %s. Go to an older release with playbooks/rollback.yml -e release=ID, and push again"
        % (release_id, why, folder)
    )
