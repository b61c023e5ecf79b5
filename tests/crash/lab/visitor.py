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
from typing import Any, TextIO

PATHS = {"brochure": "/version.txt", "notes": "/", "till": "/"}
PAUSE_S = 0.02
_TOLD = re.compile(rb"(settings|pool)=(\w+)")


def ask(site: str, timeout_s: float = 15) -> dict[str, Any]:
    """One request over a new connection: when, what came back, and which version each part of the answer is from."""
    answer: dict[str, Any] = {"site": site, "began": time.monotonic()}
    try:
        connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=timeout_s)
        connection.request("GET", PATHS[site], headers={"Host": site + ".example", "Connection": "close"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        answer["status"] = response.status
        answer["stamp"] = response.headers.get("Evenkeel-Site")
        answer["release"] = response.headers.get("Evenkeel-Release")
        answer["vhost"] = response.headers.get("X-Version")
        answer.update({key.decode(): value.decode() for key, value in _TOLD.findall(body)})
    except (OSError, http.client.HTTPException) as error:
        answer["error"] = repr(error)
    answer["ended"] = time.monotonic()
    return answer


def stream(site: str, out: TextIO, stop: threading.Event) -> None:
    while not stop.wait(PAUSE_S):
        out.write(json.dumps(ask(site)) + "\n")


def main() -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    with open(sys.argv[1], "w", buffering=1, encoding="ascii") as out:
        visitors = [threading.Thread(target=stream, args=(site, out, stop)) for site in PATHS]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()


if __name__ == "__main__":
    main()
