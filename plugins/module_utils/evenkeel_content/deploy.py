"""Lays what git or an archive brought over a document root, and leaves alone what it did not bring: uploads survive."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from typing import Any

from . import files
from .config import Paths, Site
from .errors import ContentError
from .rsync import GROUP

LIST = ".evenkeel-released"  # in the home, never in the document root; copied, so that another origin knows it, too


def deploy(paths: Paths, site: Site) -> int:
    """How many files of the release before are gone. A file is never seen half; the list is written last."""
    source = os.path.join(paths.source(site.name), site.folder)
    if not os.path.isdir(source):
        raise ContentError("%s has no folder %s" % (site.name, site.folder or "."))
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


def _list(site: Site) -> str:
    return os.path.join(site.home, LIST)


def _remember(site: Site, brought: Iterable[str]) -> None:
    """The list is the tenant's: an owner that other hosts do not know would be a difference for ever."""
    files.write(_list(site), {"files": sorted(brought)})
    shutil.chown(_list(site), site.user, site.user)


def _files(source: str) -> Iterable[str]:
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name != ".git"]
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        yield from (os.path.relpath(os.path.join(folder, name), source) for name in names + links if name != ".git")


def _copy(site: Site, source: str, own: Iterable[str]) -> None:
    """Unchanged files are told by their content: each checkout has new times."""
    patterns = ["--exclude=/.git", *("--exclude=/" + path for path in own), "--exclude=.*.evenkeel"]
    owner = ["--super", "--chown=%s:%s" % (site.user, GROUP), "--chmod=D2750,Fu=rwX,Fg=rX,Fo="]
    argv = ["rsync", "-rlp", "--owner", "--group", "--checksum", "--delay-updates", "--safe-links", *owner, *patterns]
    done = subprocess.run([*argv, source + "/", site.document_root + "/"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ContentError("%s was not released: %s" % (site.name, "; ".join(done.stderr.strip().splitlines()[:3])))


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
