"""The build folder of one pool: `<id>/` with the release and its payload, `latest.json` naming the newest, `sites.kept`.

Everything here may hold secrets, so nobody but the owner can read any of it. Nothing writes into a build that is there:
what two builds have in common is one file with two names.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ..evenkeel import release as built
from ..evenkeel.errors import InvalidRelease
from ..evenkeel.manifest import ID_PATTERN
from . import file_bytes

PAYLOAD = "payload.tar.gz"
LATEST = "latest.json"
SITES = "sites.kept"  # see kept_sites.py
KEPT = 5  # builds that stay, so that one can look back and send an older release again


@dataclass(frozen=True)
class Latest:
    """What was built last, and from which inputs (a digest)."""

    id: str
    inputs: str
    sites: int
    php_versions: tuple[str, ...] = ()


class BuildStore:
    """Reads and writes one folder; every change of it is one rename."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, release_id: str) -> Path:
        return self._folder / release_id

    def payload(self, release_id: str) -> Path:
        return self.path(release_id) / PAYLOAD

    def latest(self) -> Latest | None:
        """None when nothing was built, or what was built is not there any more."""
        try:
            document = json.loads(self.note(LATEST))
            latest = Latest(str(document["id"]), str(document["inputs"]), int(document["sites"]), tuple(document["php_versions"]))
        except (ValueError, KeyError, TypeError):
            return None
        return latest if ID_PATTERN.match(latest.id) and self.payload(latest.id).is_file() else None

    def load(self, release_id: str) -> built.Release | None:
        """An earlier build; None when somebody damaged it."""
        try:
            return built.load(str(self.path(release_id)))
        except InvalidRelease:
            return None

    def save(self, release_id: str, files: Mapping[str, bytes], like: str = "") -> None:
        """Publish `<id>/` whole or not at all; what it has in common with the build `like` is linked, which is cheaper.

        The same id has the same content, so a folder that is there stays.
        """
        self._prepare()
        if self.payload(release_id).is_file():
            return
        draft = self._folder / f".{release_id}.{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            _write_tree(draft, files, str(self.path(like)) if like else "")
            shutil.rmtree(self.path(release_id), ignore_errors=True)
            draft.rename(self.path(release_id))
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def point(self, latest: Latest) -> None:
        """Make `latest` the newest build, and drop those nobody will ask for again."""
        self.put_note(LATEST, json.dumps(asdict(latest), sort_keys=True).encode() + b"\n")
        os.utime(self.path(latest.id))
        self._prune()

    def note(self, name: str) -> bytes:
        """A file beside the builds; empty where there is none that can be read."""
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return b""

    def put_note(self, name: str, content: bytes) -> None:
        """In place of the one before."""
        self._prepare()
        draft = self._folder / f".{name}.{os.getpid()}"
        file_bytes.write(str(draft), content)
        draft.rename(self._folder / name)

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)

    def _prune(self) -> None:
        builds = [entry for entry in self._folder.iterdir() if ID_PATTERN.match(entry.name)]
        for old in sorted(builds, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


def _write_tree(root: Path, files: Mapping[str, bytes], like: str) -> None:
    base = str(root)
    made = {base}
    Path(base).mkdir(mode=0o700)
    for path, content in files.items():
        folder = f"{base}/{path}".rpartition("/")[0]
        if folder not in made:
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            made.add(folder)
        if not (like and _link(f"{like}/{path}", f"{base}/{path}", content)):
            file_bytes.write(f"{base}/{path}", content)


def _link(old: str, new: str, content: bytes) -> bool:
    """Make `new` one with `old`, if that still holds `content`: somebody may have edited it."""
    try:
        same = file_bytes.read(old) == content
        if same:
            os.link(old, new, follow_symlinks=False)
    except OSError:
        return False
    return same
