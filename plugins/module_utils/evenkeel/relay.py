"""All that the key of those who watch can do on this host: speak to the socket behind which `evenkeel watched` answers.

The user that ssh lets in has no rights at all; the unit behind the socket has.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading

from .errors import EvenkeelError

SOCKET = "/run/evenkeel-watched.sock"
_CHUNK = 1 << 16


class NobodyAnswers(EvenkeelError):
    """The socket is not there."""


def connect(path: str = SOCKET) -> int:
    """Connects standard input and output with the socket; ends when it has answered."""
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(path)
        except OSError as error:
            raise NobodyAnswers("%s does not answer (%s); see evenkeel-watched.socket" % (path, error)) from error
        threading.Thread(target=_send, args=(line,), daemon=True).start()
        while data := line.recv(_CHUNK):
            view = memoryview(data)
            while view:
                view = view[os.write(1, view) :]
    return 0


def _send(line: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it answered before it had read everything
        while data := os.read(0, _CHUNK):
            line.sendall(data)
        line.shutdown(socket.SHUT_WR)
