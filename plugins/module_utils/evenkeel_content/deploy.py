"""Lays what git or an archive brought over a document root, and leaves alone what it did not bring: uploads survive."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from typing import Any

from . import files, rsync
from .config import Paths, Site
from .errors import ContentError
from .rsync import GROUP

REPOSITORY = ".git"
HALVES = ".~tmp~"  # where rsync --delay-updates keeps what is not complete
LIST = ".evenkeel-released"  # in the home, never in the document root; copied, so that another origin knows it, too


def deploy(paths: Paths, site: Site) -> int:
    """How many files of the release before are gone. A file is never seen half; the list is written last."""
    source = _source(paths, site)
    job: dict[str, Any] = files.read(paths.job(site.name))
    own = {str(path) for path in job.get("settings", ())}
    brought = sorted(set(_files(source)) - own)
    before = [str(path) for path in files.read(_list(site)).get("files", ())]
    _remember(site, {*before, *brought})  # killed from here on, nothing is forgotten
    _copy(site, source, own)
    gone = [path for path in before if path not in brought and path not in own]
    for path in gone:
        _remove(site.document_root, path)
    _remember(site, brought)
    return len(gone)


def _source(paths: Paths, site: Site) -> str:
    """The folder that becomes the document root. It may be a symlink, and this reads more than whoever made it may."""
    top = os.path.realpath(paths.source(site.name))
    folder = os.path.realpath(os.path.join(top, site.folder))
    if not os.path.isdir(folder):
        raise ContentError("what was fetched for %s has no folder %s" % (site.name, site.folder or "."))
    if not (folder + "/").startswith(top + "/") or REPOSITORY in os.path.relpath(folder, top).split("/"):
        raise ContentError("%s of %s is a link that leads elsewhere, to %s" % (site.folder, site.name, folder))
    return folder


def _list(site: Site) -> str:
    return os.path.join(site.home, LIST)


def _remember(site: Site, brought: Iterable[str]) -> None:
    """The list is the tenant's: an owner that other hosts do not know would be a difference for ever."""
    files.write(_list(site), {"files": sorted(brought)})
    shutil.chown(_list(site), site.user, site.user)


def _files(source: str) -> Iterable[str]:
    """What rsync brings: no link out of `source`, or a tenant's file of that name would be taken for released, and removed."""
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name != REPOSITORY]
        paths = (os.path.relpath(os.path.join(folder, name), source) for name in folders + names if name != REPOSITORY)
        yield from (path for path in paths if _is_brought(source, path))


def _is_brought(source: str, path: str) -> bool:
    full = os.path.join(source, path)
    if not os.path.islink(full):
        return os.path.isfile(full)
    target = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(full)))
    return not os.path.isabs(target) and target.split("/")[0] != ".."


def _copy(site: Site, source: str, own: Iterable[str]) -> None:
    """Unchanged files are told by their content: each checkout has new times."""
    patterns = ["--exclude=" + REPOSITORY, *("--exclude=/" + path for path in own), "--exclude=.*.evenkeel"]
    owner = ["--super", "--chown=%s:%s" % (site.user, GROUP), "--chmod=D2750,Fu=rwX,Fg=rX,Fo="]
    argv = ["rsync", "-rlp", "--owner", "--group", "--checksum", "--delay-updates", "--safe-links", *owner, *patterns]
    done = subprocess.run([*argv, source + "/", site.document_root + "/"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        _remove_halves(site.document_root)
        raise ContentError("%s was not released: %s" % (site.name, rsync.failure(done.returncode, done.stderr.strip())))


def _remove_halves(root: str) -> None:
    """Where the disk is full, what did not get into place would keep it full."""
    for folder, folders, _ in os.walk(root):
        if HALVES in folders:
            shutil.rmtree(os.path.join(folder, HALVES), ignore_errors=True)


def _remove(root: str, path: str) -> None:
    """The file, and folders that are empty without it. The unit sees this site's home only, wherever links lead."""
    target = os.path.join(root, path)
    if os.path.lexists(target):
        os.unlink(target)
    folder = os.path.dirname(path)
    while folder:
        try:
            os.rmdir(os.path.join(root, folder))
        except OSError:
            return
        folder = os.path.dirname(folder)
