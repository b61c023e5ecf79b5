"""Wakes a PHP pool that sleeps while somebody waits at its socket.

A pool with `pm = ondemand` has no process until somebody comes. PHP-FPM hears of each connection once (epoll, edge-triggered) and
starts no process for it where one is idle; one that it has just told to end counts as idle until it is gone, some 10 ms later.
Who comes in between waits until the site's next visitor does (php/php-src issue 11765 has a relative of it, open since 2023).
Any further connection makes PHP-FPM look again, so one is opened and closed.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterable

from . import archive
from .host import Host

LOOK_S = 0.25
TABLE = "/proc/net/unix"
_WAITS = re.compile(rb" 0001 02 +[0-9]+ (/run/php/[a-z0-9.-]+)$", re.MULTILINE)  # state 2: a connection nobody has accepted


class Queues:
    """The sockets at which somebody waits: since when, and when to knock next. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, float]] = {}

    def due(self, now: float, waiting: Iterable[str]) -> dict[str, float]:
        """Sockets to knock at, and for how long somebody has waited there.

        Each is due from its second look on, and whenever the wait has doubled: a pool at its maximum gains nothing from a knock.
        """
        self._known = {path: self._known.get(path, (now, now)) for path in waiting}
        due = {path: now - since for path, (since, knock) in self._known.items() if since < now and knock <= now}
        self._known.update({path: (now - waited, now + waited) for path, waited in due.items()})
        return due


def waiting(table: bytes) -> set[str]:
    """Sockets of PHP pools with a connection that nobody has accepted, after proc(5)."""
    return {path.decode("ascii") for path in _WAITS.findall(table)}


def serve(host: Host) -> None:
    """Look and knock until another engine is installed: systemd starts that one."""
    queues = Queues()
    engine = archive.installed(host)
    while archive.installed(host) == engine:
        for path, waited in sorted(queues.due(host.clock.monotonic(), waiting(_table(host))).items()):
            _knock(path)
            print("somebody has waited %.1f s at %s: knocked" % (waited, path), flush=True)
        host.clock.sleep(LOOK_S)


def _table(host: Host) -> bytes:
    with open(host.paths.at(TABLE), "rb") as stream:
        return stream.read()


def _knock(path: str) -> None:
    """A queue that is full needs no knock, and a socket that is gone wants none."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.setblocking(False)
        line.connect(path)
