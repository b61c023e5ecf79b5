"""A stream of requests against the live sites, run on the host beside the crashes; every answer is written down.

python3 visitor.py answers.jsonl    until SIGTERM
"""

from __future__ import annotations

import http.client
import json
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, TextIO

PATHS = {"brochure": "/version.txt", "notes": "/", "till": "/"}
PAUSE_S = 0.02
_TOLD = re.compile(rb"(settings|pool)=(\w+)")

Ask = Callable[[str], dict[str, Any]]
Read = Callable[[http.client.HTTPResponse, bytes], dict[str, Any]]


def ask(site: str) -> dict[str, Any]:
    return fetch(site, PATHS[site], told)


def told(response: http.client.HTTPResponse, body: bytes) -> dict[str, Any]:
    """Which version each part of the answer is from."""
    parts = {key.decode(): value.decode() for key, value in _TOLD.findall(body)}
    return {"release": response.headers.get("Evenkeel-Release"), "vhost": response.headers.get("X-Version"), **parts}


def fetch(site: str, path: str, read: Read, timeout_s: float = 15) -> dict[str, Any]:
    """One request over a new connection: when, what came back, and what `read` finds in it."""
    answer: dict[str, Any] = {"site": site, "began": time.monotonic()}
    try:
        connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=timeout_s)
        connection.request("GET", path, headers={"Host": site + ".example", "Connection": "close"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        answer["status"] = response.status
        answer["stamp"] = response.headers.get("Evenkeel-Site")
        answer.update(read(response, body))
    except (OSError, http.client.HTTPException) as error:
        answer["error"] = repr(error)
    answer["ended"] = time.monotonic()
    return answer


def stream(site: str, ask: Ask, out: TextIO, stop: threading.Event) -> None:
    while not stop.wait(PAUSE_S):
        out.write(json.dumps(ask(site)) + "\n")


def write_down(sites: Iterable[str], ask: Ask) -> None:
    """One visitor a site, into the file that the command names."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    with open(sys.argv[1], "w", buffering=1, encoding="ascii") as out:
        visitors = [threading.Thread(target=stream, args=(site, ask, out, stop)) for site in sites]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()


if __name__ == "__main__":
    write_down(PATHS, ask)
