"""Every change the engine makes to a disk, one method a step, so that a test can fail or kill it at any of them."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import grp
import os
import shutil
from typing import Optional

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h


class Disk:
    """Durable file operations. Each raises OSError and leaves either the old or the new state."""

    def step(self, what: str, path: str) -> None:
        """Called before each change; a test overrides it to break the Nth one."""

    def make_folder(self, path: str, mode: int = 0o755) -> None:
        """Create `path` and its parents; no error when it is there."""
        if not os.path.isdir(path):
            self.step("mkdir", path)
            os.makedirs(path, mode=mode, exist_ok=True)

    def write(self, path: str, data: bytes, mode: int = 0o644, group: Optional[str] = None) -> None:
        """Create the file `path` inside a folder that is not live yet; `sync_tree` makes it durable later."""
        self.step("write", path)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            if group is not None:
                os.fchown(stream.fileno(), 0, grp.getgrnam(group).gr_gid)
            os.fchmod(stream.fileno(), mode)

    def replace(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Put `data` at `path` in one step that a crash cannot halve."""
        temporary = "%s.%d.new" % (path, os.getpid())
        self.step("replace", path)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                os.fchmod(stream.fileno(), mode)
                stream.flush()
                os.fsync(stream.fileno())
            self.step("rename", path)
            os.rename(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        self.sync_folder(os.path.dirname(path))

    def append(self, path: str, data: bytes, mode: int = 0o640) -> None:
        """Append one record with a single write and make it durable; all of it, or nothing."""
        self.step("append", path)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, mode)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"  # by a crash; its line must not eat ours
            record = b"\n" + data if torn else data
            if os.write(descriptor, record) < len(record):
                os.ftruncate(descriptor, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def point(self, link: str, target: str) -> None:
        """Make the symlink `link` point to `target` by one rename(2)."""
        temporary = link + ".new"
        self.step("symlink", link)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        os.symlink(target, temporary)
        self.step("flip", link)
        os.rename(temporary, link)
        self.sync_folder(os.path.dirname(link))

    def rename(self, source: str, destination: str) -> None:
        self.step("rename", destination)
        os.rename(source, destination)
        self.sync_folder(os.path.dirname(destination))

    def exchange(self, source: str, destination: str) -> None:
        """Swap two folders in one step, renameat2(2); OSError EINVAL where the file system cannot."""
        self.step("exchange", destination)
        library = ctypes.CDLL(None, use_errno=True)
        if library.renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(destination), _RENAME_EXCHANGE) != 0:
            raise OSError(ctypes.get_errno(), "renameat2 failed", destination)
        self.sync_folder(os.path.dirname(destination))

    def remove(self, path: str) -> None:
        """Remove a file; no error when it is gone."""
        if os.path.lexists(path):
            self.step("remove", path)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def remove_tree(self, path: str) -> None:
        """Remove a folder; no error when it is gone."""
        if os.path.isdir(path):
            self.step("rmtree", path)
            shutil.rmtree(path)

    def sync_tree(self, path: str) -> None:
        """Make all that was written below `path` durable: one syncfs(2) instead of one fsync(2) a file."""
        self.step("sync", path)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
                raise OSError(ctypes.get_errno(), "syncfs failed", path)
        finally:
            os.close(descriptor)

    def sync_folder(self, path: str) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
