#!/usr/bin/python3
"""The orders service: the small real backend behind api.example. Answers JSON and says who answered."""

from __future__ import annotations

import json
import re
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOODS = ("rope", "lantern", "oilskin", "compass", "biscuit")


def order(number: int) -> dict[str, object]:
    return {"number": number, "item": GOODS[number % len(GOODS)], "quantity": number % 7 + 1}


class Orders(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "orders/1.0"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        wanted = re.fullmatch(r"/orders/([0-9]{1,9})", self.path.partition("?")[0])
        if wanted:
            self.answer(200, order(int(wanted.group(1))))
        elif self.path in ("/", "/orders", "/orders/"):
            self.answer(200, {"orders": [order(number) for number in range(1, 6)]})
        elif self.path == "/health":
            self.answer(200, {"healthy": True})
        else:
            self.answer(404, {"error": "no such thing as " + self.path})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        try:
            taken = json.loads(self.rfile.read(min(length, 65536)))
        except ValueError:
            return self.answer(400, {"error": "the order is not JSON"})
        return self.answer(201, {"accepted": taken})

    def answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps({"service": "orders", "host": socket.gethostname(), **content}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The journal of a demo host is not worth a line for every request."""


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Orders).serve_forever()
