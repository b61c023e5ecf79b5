"""One run at a time on a host. The kernel frees the lock when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from .errors import LockHeld
from .host import Host
from .moment import timestamp

_POLL_S = 0.2


@contextlib.contextmanager
def held(host: Host, purpose: str, wait_s: float = 0, path: str = "") -> Iterator[None]:
    """Hold the lock; LockHeld, naming the holder, when it is not free within `wait_s` seconds."""
    path = path or host.paths.lock
    host.disk.make_folder(host.paths.var, 0o750)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    try:
        _acquire(host, descriptor, wait_s, path)
        _sign(host, descriptor, purpose)
        yield
    finally:
        os.close(descriptor)


def _acquire(host: Host, descriptor: int, wait_s: float, path: str) -> None:
    end = host.clock.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if host.clock.monotonic() >= end:
                holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip() or "another run"
                raise LockHeld(
                    "%s works on this host and holds %s; nothing was changed. Wait until it ends and run the same "
                    "command again" % (holder, path)
                ) from error
            host.clock.sleep(_POLL_S)


def _sign(host: Host, descriptor: int, purpose: str) -> None:
    """The text is only for people; a full disk must not keep a revert from its lock."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, ("%s (pid %d, since %s)\n" % (purpose, os.getpid(), timestamp(host.clock.now()))).encode(), 0)
