"""The releases on this host: put in place whole, found by name, compared with what they should be."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
from collections.abc import Iterable
from typing import Callable, Optional

from . import folders
from . import manifest as manifests
from . import release as releases
from .compare import Comparison, walk
from .drift import Finding
from .drift_seen import Marks
from .errors import DiskFull, EvenkeelError, HostNotReady, InvalidRelease
from .host import Host
from .manifest import FileEntry, Manifest
from .release import Release

_STAGING = ".staging-"
_DOOMED = _STAGING + "gone-"
_ROOM = 32 * 1024 * 1024  # bytes that must stay free besides the release itself
_BLOCK = 4096
_STAMPS = {
    manifests.WEB: "Define EVENKEEL_RELEASE %s\n",
    manifests.EDGE: "global\n  setenv EVENKEEL_RELEASE %s\n",
}


class Store:
    """`/etc/evenkeel/releases` and the two links beside it."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._paths = host.paths
        self._loaded: dict[str, Release] = {}

    def ids(self) -> list[str]:
        """Names of the staged releases, the youngest first."""
        try:
            names = [name for name in os.listdir(self._paths.releases) if manifests.ID_PATTERN.match(name)]
        except FileNotFoundError:
            return []
        return sorted(names, key=self.staged_at, reverse=True)

    def staged_at(self, release_id: str) -> float:
        """When the release was put in place, in seconds since 1970."""
        return os.stat(self._paths.release(release_id)).st_mtime

    def has(self, release_id: str) -> bool:
        return os.path.isdir(self._paths.release(release_id))

    def path_in(self, release_id: str, path: str) -> str:
        """Where a file of a release lies; the release need not be readable."""
        return os.path.join(self._paths.release(release_id), path)

    def load(self, release_id: str) -> Release:
        """InvalidRelease when it is not here or not what its name says. Read once: what is loaded does not change."""
        if not manifests.ID_PATTERN.match(release_id):
            raise InvalidRelease("%r is no release name: 12 hexadecimal digits, see `evenkeel releases`" % release_id)
        if not self.has(release_id):
            raise InvalidRelease("release %s is not on this host; see `evenkeel releases`" % release_id)
        if release_id not in self._loaded:
            self._loaded[release_id] = releases.load(self._paths.release(release_id))
        return self._loaded[release_id]

    def current_id(self) -> Optional[str]:
        return self._target(self._paths.current)

    def known_good_id(self) -> Optional[str]:
        return self._target(self._paths.known_good)

    def _target(self, link: str) -> Optional[str]:
        try:
            name = os.path.basename(os.readlink(link))
        except (FileNotFoundError, OSError) as error:
            if os.path.lexists(link) and not os.path.islink(link):
                raise HostNotReady("%s is no symlink; move it away and run playbooks/site.yml" % link) from error
            return None
        return name if manifests.ID_PATTERN.match(name) else None

    def point_current(self, release_id: str) -> None:
        self._host.disk.point(self._paths.current, "releases/" + release_id)

    def point_known_good(self, release_id: str) -> None:
        self._host.disk.point(self._paths.known_good, "releases/" + release_id)

    def drift(self, release: Release) -> list[str]:
        """What differs from the manifest, one readable line a file; empty when the release is whole."""
        return [finding.line() for finding in self.differences(release)]

    def differences(self, release: Release, seen: Optional[Marks] = None) -> list[Finding]:
        """What differs from the manifest; files that lie as they did when they were `seen` are not read again."""
        return self.comparison(release, seen).findings()

    def comparison(self, release: Release, seen: Optional[Marks] = None) -> Comparison:
        return Comparison(release, stamp_text(release.manifest, release.id), self._host.clock.now, seen)

    def stage(self, manifest: Manifest, contents: Callable[[], Iterable[tuple[str, bytes]]]) -> Release:
        """Put a release in place with one rename; a whole one that is here already is used as it is."""
        final = self._paths.release(manifest.id)
        if self.has(manifest.id):
            release = self.whole(manifest.id)
            if release is not None:
                return release
            if manifest.id in (self.current_id(), self.known_good_id()):
                self._refuse_edited(manifest.id)
            self._loaded.pop(manifest.id, None)
        self._make_room(manifest)
        return self._write(manifest, contents, final)

    def whole(self, release_id: str) -> Optional[Release]:
        """The release as it was brought; None when it is not here or was edited."""
        try:
            release = self.load(release_id)
        except InvalidRelease:
            return None
        return None if self.drift(release) else release

    def mend(self, release: Release) -> None:
        """Undo by hand what no name of a release tells: modes, the stamp, and files that no release can hold.

        Everything else of `release` must be as its manifest says.
        """
        expected = {*release.manifest.files, manifests.MANIFEST, release.manifest.stamp}
        for path in sorted(set(walk(release.path)) - expected):
            self._host.disk.remove(release.file(path))
        for path, entry in release.manifest.files.items():
            _own(release.file(path), entry)
        self._host.disk.replace(release.file(release.manifest.stamp), stamp_text(release.manifest, release.id))

    def _refuse_edited(self, release_id: str) -> None:
        raise InvalidRelease(
            "release %s is live or known good and was edited by hand on this host; nothing was changed. "
            "See what differs with `evenkeel status`, put it into the truth, and undo it here" % release_id
        )

    def _write(self, manifest: Manifest, contents: Callable[[], Iterable[tuple[str, bytes]]], final: str) -> Release:
        disk = self._host.disk
        staging = os.path.join(self._paths.releases, _STAGING + manifest.id)
        disk.remove_tree(staging)
        try:
            disk.make_folder(staging)
            written = self._write_files(staging, manifest, contents)
            self._create_users(staging, manifest)
            for path in written:
                _own(os.path.join(staging, path), manifest.files[path])
            disk.write(os.path.join(staging, manifest.stamp), stamp_text(manifest, manifest.id))
            disk.write(os.path.join(staging, manifests.MANIFEST), manifest.to_bytes(), 0o600)
            disk.sync_tree(staging)
            self._put_in_place(staging, final)
        except BaseException as error:
            self._clean(staging)
            if isinstance(error, OSError):
                raise staging_error(error, manifest.id) from error
            raise
        self._loaded[manifest.id] = releases.placed(final, manifest)
        return self._loaded[manifest.id]

    def _put_in_place(self, staging: str, final: str) -> None:
        """Over an edited release of that name by a swap, because PHP remembers real paths and may still read what is there."""
        if not os.path.isdir(final):
            self._host.disk.rename(staging, final)
            return
        try:
            self._host.disk.exchange(staging, final)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self._take_away(os.path.basename(final), _DOOMED)
            self._host.disk.rename(staging, final)
        self._host.disk.remove_tree(staging)

    def _write_files(self, staging: str, manifest: Manifest, contents: Callable[[], Iterable[tuple[str, bytes]]]) -> list[str]:
        made = {staging}
        written = []
        for path, content in contents():
            target = os.path.join(staging, path)
            folder = os.path.dirname(target)
            if folder not in made:
                self._host.disk.make_folder(folder)
                made.add(folder)
            self._host.disk.write(target, content, 0o600)
            written.append(path)
        self._host.disk.make_folder(os.path.join(staging, os.path.dirname(manifest.stamp)))
        return written

    def _create_users(self, staging: str, manifest: Manifest) -> None:
        """Users before folders: both files come from the release, both programs are systemd's and idempotent."""
        users = "sysusers.d/evenkeel.conf"
        if users in manifest.files and not self._unchanged(manifest, users):
            self._system(users, ["systemd-sysusers", os.path.join(staging, users)])
        if folders.FILE in manifest.files and not self._unchanged(manifest, folders.FILE):
            missing = self._missing_folders(os.path.join(staging, folders.FILE))
            if missing:
                prefixes = ["--prefix=" + path for path in missing]
                self._system(folders.FILE, ["systemd-tmpfiles", "--create", *prefixes, os.path.join(staging, folders.FILE)])

    def settle_folders(self, before: Optional[Release], after: Release) -> None:
        """Give folders that were there the rights of the release that is live now; a staged one changes none of them."""
        wanted = after.manifest.files.get(folders.FILE)
        if wanted is not None and (before is None or before.manifest.files.get(folders.FILE) != wanted):
            self._system(folders.FILE, ["systemd-tmpfiles", "--create", after.file(folders.FILE)])

    def _missing_folders(self, file: str) -> list[str]:
        """The uppermost folders that are not there yet."""
        with open(file, encoding="utf-8") as stream:
            wanted = folders.parse(stream.read())
        missing = {path for path in wanted if not os.path.isdir(self._paths.at(path))}
        return sorted(path for path in missing if os.path.dirname(path) not in missing)

    def _system(self, path: str, command: list[str]) -> None:
        self._host.disk.step("system", path)
        result = self._host.programs.run(command, timeout_s=300)
        if not result.ok:
            raise HostNotReady("%s failed for %s: %s" % (command[0], path, result.output[-500:]))

    def _unchanged(self, manifest: Manifest, path: str) -> bool:
        current = self.current_id()
        if current is None:
            return False
        try:
            return self.load(current).manifest.files.get(path) == manifest.files[path]
        except InvalidRelease:
            return False

    def _make_room(self, manifest: Manifest) -> None:
        self._host.disk.make_folder(self._paths.releases)
        free = os.statvfs(self._paths.releases)
        needed = _ROOM + 2 * _BLOCK * len(manifest.files)
        if free.f_bavail * free.f_frsize < needed:
            raise DiskFull(
                "%s has %d MiB free, the release needs %d; nothing was changed. Free room, or `evenkeel releases "
                "--prune`" % (self._paths.releases, free.f_bavail * free.f_frsize >> 20, needed >> 20)
            )
        if free.f_files > 0 and free.f_favail < 2 * len(manifest.files):
            raise DiskFull("%s has %d inodes free, too few; nothing was changed" % (self._paths.releases, free.f_favail))

    def _clean(self, folder: str) -> None:
        """The next stage would remove it, too; the error that brought us here matters more."""
        with contextlib.suppress(OSError):
            self._host.disk.remove_tree(folder)

    def prune(self, keep: int, protected: Iterable[str], older_than_s: float) -> list[str]:
        """Remove all but the `keep` youngest releases; never one that is protected or younger than `older_than_s`."""
        safe = set(protected)
        horizon = self._host.clock.now() - older_than_s
        removed = []
        for release_id in self.ids()[keep:]:
            if release_id not in safe and self.staged_at(release_id) < horizon:
                self._take_away(release_id)
                self._host.disk.remove(self._paths.verdict(release_id))
                removed.append(release_id)
        return removed

    def _take_away(self, release_id: str, prefix: str = _STAGING) -> None:
        """By a rename first: what bears the name of a release is whole."""
        self._loaded.pop(release_id, None)
        doomed = os.path.join(self._paths.releases, prefix + release_id)
        self._host.disk.remove_tree(doomed)
        self._host.disk.rename(self._paths.release(release_id), doomed)
        self._host.disk.remove_tree(doomed)

    def sweep(self) -> None:
        """Remove what a killed run left half-written; the caller holds the lock."""
        for name in _listed(self._paths.releases):
            if name.startswith(_STAGING):
                self._host.disk.remove_tree(os.path.join(self._paths.releases, name))
        for folder in (self._paths.etc, self._paths.var, self._paths.verdicts):
            for name in _listed(folder):
                if name.endswith(".new"):
                    self._host.disk.remove(os.path.join(folder, name))


def stamp_text(manifest: Manifest, release_id: str) -> bytes:
    """The one file outside the id: tells Apache or HAProxy which release it reads."""
    return ("# Managed by Evenkeel.\n" + _STAMPS[manifest.tier] % release_id).encode()


def staging_error(error: OSError, release_id: str) -> EvenkeelError:
    """A disk's error as one sentence about the release."""
    kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else EvenkeelError
    return kind(
        "release %s could not be written: %s%s; nothing was changed. Mend the disk and run the same command again"
        % (release_id, error.strerror or error, " (%s)" % error.filename if error.filename else "")
    )


def _own(path: str, entry: FileEntry) -> None:
    if entry.group != "root" and os.geteuid() == 0:
        os.chown(path, 0, _group_id(entry.group), follow_symlinks=False)
    os.chmod(path, int(entry.mode, 8))


def _group_id(name: str) -> int:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise HostNotReady("group %s, which a file of the release needs, does not exist on this host" % name) from error


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
