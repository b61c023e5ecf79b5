"""All that the replicas' key can do at the origin: speak to the read-only rsync behind a socket.

The user that ssh lets in has no right to read tenants' files; the unit behind the socket has, and sees nothing else.
"""

from __future__ import annotations

import os
import socket
import threading

from .errors import ContentError

COMMAND = "rsync --server --daemon ."
_CHUNK = 1 << 16


def serve(asked: str, path: str) -> int:
    """Connects standard input and output with the socket at `path`; ContentError for any other wish."""
    if asked != COMMAND:
        raise ContentError("This key copies sites, and can do nothing else")
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(path)
        except OSError as error:
            raise ContentError("The origin's socket does not answer (%s); see evenkeel-content-origin.socket" % error) from error
        sender = threading.Thread(target=_send, args=(line,), daemon=True)
        sender.start()
        _receive(line)
    return 0


def _send(line: socket.socket) -> None:
    """From the replica to rsync."""
    try:
        while data := os.read(0, _CHUNK):
            line.sendall(data)
        line.shutdown(socket.SHUT_WR)
    except OSError:
        return  # rsync ended first; what it had to say comes the other way


def _receive(line: socket.socket) -> None:
    """From rsync to the replica, until rsync ends."""
    while data := line.recv(_CHUNK):
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]
