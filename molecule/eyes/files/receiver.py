#!/usr/bin/python3
"""Writes down each notification that comes, one line of JSON: when, at which path, with which token, and what it said."""

import http.server
import json
import os
import time
from pathlib import Path

RECORD = Path(os.environ.get("STATE_DIRECTORY", "."), "calls.jsonl")


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        at = time.time()
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        line = {"at": at, "path": self.path, "token": self.headers.get("Authorization", ""), "said": said}
        with RECORD.open("a", encoding="utf-8") as record:
            record.write(json.dumps(line) + "\n")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *said):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", 8099), Receiver).serve_forever()
