"""All that a replica's key can do is speak to the socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading

import pytest

from plugins.module_utils.evenkeel_content.errors import ContentError
from plugins.module_utils.evenkeel_content.serve import COMMAND, serve
from plugins.plugin_utils.program import pack
from tests.layout.project import ROOT


@pytest.mark.parametrize(
    "asked",
    ["", "sh", "rsync --server --sender . /etc", "rsync --server . /srv/www", COMMAND + " /etc", COMMAND + "; id", " " + COMMAND],
)
def test_every_other_wish_is_refused(tmp_path, asked):
    with pytest.raises(ContentError):
        serve(asked, str(tmp_path / "socket"))


def test_both_directions_reach_the_end(tmp_path):
    """A mebibyte there and back, through the program as it is installed."""
    program = tmp_path / "evenkeel-content"
    program.write_bytes(pack(ROOT / "plugins/module_utils/evenkeel_content"))
    data = os.urandom(1 << 20)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        threading.Thread(target=_echo, args=(listener,), daemon=True).start()
        code = "import sys; sys.path.insert(0, %r); from evenkeel_content.serve import *; sys.exit(serve(COMMAND, %r))"
        argv = [sys.executable, "-c", code % (str(program), str(tmp_path / "socket"))]
        done = subprocess.run(argv, input=data, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout == data) == (0, True)


def _echo(listener: socket.socket) -> None:
    line, _ = listener.accept()
    with line:
        received = b"".join(iter(lambda: line.recv(1 << 16), b""))
        line.sendall(received)
