"""Settings files inside document roots: symlinks to `current`, so that they flip with the rest.

A document root belongs to a tenant, and the engine is root: every step goes folder by folder through descriptors that
follow no symlink, so that no tenant can lead a link elsewhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Optional

from .errors import EvenkeelError, ForeignFile
from .host import Host
from .release import Release

ADD = "add"  # nothing is there
ADOPT = "adopt"  # a regular file with the very content that the release brings
REPLACE = "replace"  # a link that leads elsewhere
REMOVE = "remove"  # our link to a file that the release does not have
FOREIGN = "foreign"  # a file with other content, or no plain folder on the way: not ours to take away

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Link:
    """One settings file of a site; `path` is relative to the document root."""

    site: str
    path: str


@dataclass(frozen=True)
class LinkChange:
    """What must happen to a link so that the document root fits the release."""

    link: Link
    kind: str


def links_of(release: Release, sites: Iterable[str]) -> list[Link]:
    """Every settings file of `sites` in `release`."""
    wanted = set(sites)
    found = []
    for path, entry in release.manifest.files.items():
        if path.startswith("settings/") and entry.site in wanted:
            found.append(Link(str(entry.site), path.split("/", 2)[2]))
    return sorted(found, key=lambda link: (link.site, link.path))


def changes(host: Host, other: Release, target: Release, sites: Iterable[str]) -> list[LinkChange]:
    """What makes the document roots of `sites` fit `target`, seen from a host that may fit `other` now."""
    names = list(sites)
    wanted = links_of(target, names)
    kept = set(wanted)
    gone = [link for link in links_of(other, names) if link not in kept]
    found = [LinkChange(link, kind) for link in wanted for kind in _missing(host, target, link)]
    return found + [LinkChange(link, REMOVE) for link in gone if _is_ours(host, other, link)]


def refuse_foreign(found: Iterable[LinkChange], target: Release) -> None:
    """ForeignFile when a link's place is taken by a file that somebody else wrote."""
    for change in found:
        if change.kind == FOREIGN:
            raise ForeignFile(foreign_message(change.link, target))


def foreign_message(link: Link, release: Release) -> str:
    root = release.manifest.sites[link.site]["document_root"]
    return (
        "%s/%s, or a folder on the way to it, was put there by somebody else and differs from settings/%s of site %s. "
        "Copy its content into the truth, or move it away, and push again" % (root, link.path, link.path, link.site)
    )


def apply(host: Host, found: Iterable[LinkChange], other: Release, target: Release) -> None:
    """Carry out `changes`, one atomic step each; foreign files are left alone.

    A site that stands in the way does not stop the others; EvenkeelError names all that was left undone.
    """
    problems = [_problem(host, change, other if change.kind == REMOVE else target) for change in found]
    told = [problem for problem in problems if problem]
    if told:
        raise EvenkeelError("; ".join(told[:5]))


def _problem(host: Host, change: LinkChange, release: Release) -> Optional[str]:
    try:
        if change.kind in (ADD, ADOPT, REPLACE):
            _link(host, release, change)
        elif change.kind == REMOVE:
            _unlink(host, release, change.link)
    except (EvenkeelError, OSError) as error:
        return "settings file %s of site %s: %s" % (change.link.path, change.link.site, error)
    return None


def destination(link: Link) -> str:
    """What a settings link points to, on every host and in the twin."""
    return "/etc/evenkeel/current/settings/%s/%s" % (link.site, link.path)


def _missing(host: Host, release: Release, link: Link) -> Iterator[str]:
    try:
        kind = _kind(host, release, link)
    except ForeignFile:
        kind = FOREIGN
    if kind is not None:
        yield kind


def _kind(host: Host, release: Release, link: Link) -> Optional[str]:
    with _parent(host, release, link) as folder:
        name = os.path.basename(link.path)
        try:
            status = os.lstat(name, dir_fd=folder) if folder is not None else None
        except FileNotFoundError:
            status = None
        if status is None:
            return ADD
        if stat.S_ISLNK(status.st_mode):
            return None if os.readlink(name, dir_fd=folder) == destination(link) else REPLACE
        return ADOPT if _same_content(folder, name, status, release, link) else FOREIGN


def _is_ours(host: Host, release: Release, link: Link) -> bool:
    try:
        with _parent(host, release, link) as folder:
            return folder is not None and os.readlink(os.path.basename(link.path), dir_fd=folder) == destination(link)
    except (ForeignFile, OSError):
        return False


def _same_content(folder: Optional[int], name: str, status: os.stat_result, release: Release, link: Link) -> bool:
    """Whether a tenant's file is the release's, byte for byte; one of another size is not read, it may be huge."""
    path = "settings/%s/%s" % (link.site, link.path)
    try:
        size = os.stat(release.file(path)).st_size
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(status.st_mode) or status.st_size != size:
        return False
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as stream:
        return hashlib.sha256(stream.read(size + 1)).hexdigest() == release.manifest.files[path].sha256


@contextlib.contextmanager
def _parent(host: Host, release: Release, link: Link, create: bool = False) -> Iterator[Optional[int]]:
    """A descriptor of the folder that holds the link; None when it is not there."""
    facts = release.manifest.sites[link.site]
    home, root = str(facts["home"]), str(facts["document_root"])
    below = [part for part in root[len(home) :].split("/") if part] + link.path.split("/")[:-1]
    descriptor: Optional[int] = None
    try:
        descriptor = _walk(host, host.paths.at(home), below, str(facts["user"]) if create else None)
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _walk(host: Host, top: str, parts: list[str], create_as: Optional[str]) -> Optional[int]:
    try:
        folder = os.open(top, _FOLDER)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ForeignFile("%s is not a plain folder (%s)" % (top, error.strerror)) from error
    for part in parts:
        try:
            if create_as is not None:
                _ensure_folder(host, folder, part, create_as)
            inner = os.open(part, _FOLDER, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ForeignFile("%s: %s is not a plain folder (%s)" % (top, part, error.strerror)) from error
        finally:
            os.close(folder)
        folder = inner
    return folder


def _ensure_folder(host: Host, folder: int, name: str, user: str) -> None:
    with contextlib.suppress(FileExistsError):
        try:
            os.lstat(name, dir_fd=folder)
        except FileNotFoundError:
            host.disk.step("mkdir", name)
            os.mkdir(name, 0o750, dir_fd=folder)
            made = os.open(name, _FOLDER, dir_fd=folder)
            try:
                os.fchown(made, *_owner(user))
            finally:
                os.close(made)


def _owner(user: str) -> tuple[int, int]:
    entry = pwd.getpwnam(user)
    with contextlib.suppress(KeyError):
        return entry.pw_uid, pwd.getpwnam("www-data").pw_gid
    return entry.pw_uid, entry.pw_gid


def _link(host: Host, release: Release, change: LinkChange) -> None:
    link = change.link
    with _parent(host, release, link, create=True) as folder:
        if folder is None:
            raise ForeignFile("the home of site %s is gone; run playbooks/site.yml" % link.site)
        name = os.path.basename(link.path)
        if change.kind == ADOPT:
            _keep_original(host, release, link)
        host.disk.step("link", link.path)
        temporary = ".%s.evenkeel" % name
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        os.symlink(destination(link), temporary, dir_fd=folder)
        host.disk.step("relink", link.path)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def _keep_original(host: Host, release: Release, link: Link) -> None:
    """The adopted content equals the release's file, so that is what is kept; it returns when the link goes."""
    kept = os.path.join(host.paths.originals, link.site, link.path)
    if not os.path.exists(kept):
        with open(release.file("settings/%s/%s" % (link.site, link.path)), "rb") as stream:
            content = stream.read()
        host.disk.make_folder(host.paths.originals, 0o700)
        host.disk.make_folder(os.path.dirname(kept), 0o700)
        host.disk.replace(kept, content, 0o600)


def _unlink(host: Host, release: Release, link: Link) -> None:
    kept = os.path.join(host.paths.originals, link.site, link.path)
    with _parent(host, release, link) as folder:
        if folder is None:
            return
        name = os.path.basename(link.path)
        if os.path.exists(kept):
            _put_back(host, folder, name, kept, str(release.manifest.sites[link.site]["user"]))
        else:
            host.disk.step("unlink", link.path)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)


def _put_back(host: Host, folder: int, name: str, kept: str, user: str) -> None:
    with open(kept, "rb") as stream:
        content = stream.read()
    temporary = ".%s.evenkeel" % name
    host.disk.step("put back", name)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        os.fchown(stream.fileno(), *_owner(user))
        os.fchmod(stream.fileno(), 0o640)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
    host.disk.remove(kept)
