"""A web server that does to its visitors whatever the path asks for."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time

HEAD = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n"


def answer(body: bytes, status: bytes = b"200 OK", headers: bytes = b"") -> bytes:
    return HEAD % (status, len(body), headers) + body


class MisbehavingServer:
    """Listens on a loopback port. Each connection is served by a thread; `paths` has every request it saw."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.paths: list[str] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):  # the visitor had enough, or did not speak HTTP
            self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            while request := lines.readline():
                path = request.split()[1].decode()
                length = self._read_headers(lines)
                self.paths.append(path)
                if not self._react(connection, path, lines.read(length)):
                    return

    @staticmethod
    def _read_headers(lines) -> int:  # type: ignore[no-untyped-def]
        length = 0
        while line := lines.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return length

    def _react(self, connection: socket.socket, path: str, body: bytes) -> bool:
        """Do what `path` says; True keeps the connection."""
        if path == "/reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if path == "/hang-up" or (path == "/hang-up-once" and self.paths.count(path) == 1):
            return False
        if path == "/late":
            time.sleep(1.5)
        if path == "/trickle":
            return self._trickle(connection)
        connection.sendall(ANSWERS.get(path, answer(b"the shop: " + body)))
        return path not in ("/cut-off", "/chunk-cut-off", "/polite-goodbye")

    @staticmethod
    def _trickle(connection: socket.socket) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(20):
            time.sleep(0.1)
            connection.sendall(b"x")
        return False


ANSWERS = {
    "/broken": answer(b"the shop", b"500 Internal Server Error"),
    "/neighbour": answer(b"the forum"),
    "/broken-neighbour": answer(b"the forum", b"500 Internal Server Error"),
    "/stamped-neighbour": answer(b"the shop", headers=b"Evenkeel-Site: forum\r\n"),
    "/stamped": answer(b"the shop", headers=b"Evenkeel-Site: shop\r\n"),
    "/signed": answer(b"the shop", headers=b"Evenkeel-Server: web1\r\nEvenkeel-Release: 0297ac8a16ef\r\n"),
    "/blank": answer(b""),
    "/cut-off": HEAD % (b"200 OK", 5000, b"") + b"the shop",
    "/chunk-cut-off": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nthe shop\r\n",
    "/nonsense": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "/forgetful": answer(b"the shop took it"),
    "/polite-goodbye": answer(b"the shop"),
}
