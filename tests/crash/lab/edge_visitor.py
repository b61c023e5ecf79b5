"""A stream of requests through the balancer, run on it beside the crashes; every answer is written down.

python3 edge_visitor.py answers.jsonl    until SIGTERM
"""

from __future__ import annotations

import http.client
import json
import signal
import sys
import threading
import time
from typing import Any, TextIO

SITES = ("brochure", "notes", "till")
PAUSE_S = 0.02


def ask(site: str, timeout_s: float = 15) -> dict[str, Any]:
    """One request over a new connection: when, what came back, and which release of the balancer answered."""
    answer: dict[str, Any] = {"site": site, "began": time.monotonic()}
    try:
        connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=timeout_s)
        connection.request("GET", "/", headers={"Host": site + ".example", "Connection": "close"})
        response = connection.getresponse()
        response.read()
        connection.close()
        answer["status"] = response.status
        answer["stamp"] = response.headers.get("Evenkeel-Site")
        answer["release"] = response.headers.get("Evenkeel-Edge")
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
        visitors = [threading.Thread(target=stream, args=(site, out, stop)) for site in SITES]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()


if __name__ == "__main__":
    main()
