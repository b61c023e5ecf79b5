"""Settings links that a document root will have after the flip, shown before it, to the twin alone.

An overlay is mounted over the document root inside the twin's mount namespace; what changes is kept in memory.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable
from typing import Optional

from .twin_plan import Document

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def show(documents: Iterable[Document], upper: str) -> None:
    """Make the links of `documents` visible; `upper` is an empty folder in memory. OSError when the kernel refuses."""
    by_root: dict[str, list[Document]] = {}
    for document in documents:
        by_root.setdefault(document.root, []).append(document)
    for number, (root, found) in enumerate(sorted(by_root.items())):
        if os.path.isdir(root):
            _mount(root, os.path.join(upper, str(number)))
            for document in found:
                _change(root, document)


def _mount(root: str, folder: str) -> None:
    changed, work = os.path.join(folder, "upper"), os.path.join(folder, "work")
    os.makedirs(changed)
    os.makedirs(work)
    status = os.stat(root)
    os.chown(changed, status.st_uid, status.st_gid)
    os.chmod(changed, status.st_mode & 0o777)
    options = "lowerdir=%s,upperdir=%s,workdir=%s" % (_escaped(root), changed, work)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"overlay", root.encode(), b"overlay", ctypes.c_ulong(0), options.encode()) != 0:
        raise OSError(ctypes.get_errno(), "an overlay cannot be mounted over %s for the twin" % root)


def _escaped(path: str) -> str:
    return "".join("\\" + character if character in "\\,:" else character for character in path)


def _change(root: str, document: Document) -> None:
    """Folder by folder, following no symlink: the document root belongs to a tenant, and this runs as root."""
    folder = os.open(root, _FOLDER)
    try:
        for part in document.path.split("/")[:-1]:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, 0o755, dir_fd=folder)
            outer, folder = folder, os.open(part, _FOLDER, dir_fd=folder)
            os.close(outer)
        _put(os.path.basename(document.path), document.target, folder)
    finally:
        os.close(folder)


def _put(name: str, target: Optional[str], folder: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    if target is not None:
        os.symlink(target, name, dir_fd=folder)
