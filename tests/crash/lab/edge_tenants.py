"""One tenant in trouble, run on the balancer: its neighbours are asked all the while. Prints a report as JSON.

python3 edge_tenants.py wait|fail    the tenant's application hangs, or answers 500
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections import Counter

CROWD = 200
SECONDS = 8.0
NEIGHBOURS = ("brochure", "till")


def ask(site: str, path: str, timeout_s: float = 30) -> str:
    """The status of one answer, or the name of the error."""
    try:
        connection = http.client.HTTPConnection(sys.argv[1], 80, timeout=timeout_s)
        connection.request("GET", path, headers={"Host": site + ".example", "Connection": "close"})
        status = str(connection.getresponse().status)
        connection.close()
        return status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__


def trouble(path: str, end: float, seen: Counter[str]) -> None:
    while time.monotonic() < end:
        seen[ask("notes", path)] += 1


def visit(site: str, end: float, seen: Counter[str], slowest: list[float]) -> None:
    while time.monotonic() < end:
        began = time.monotonic()
        seen[ask(site, "/")] += 1
        slowest.append(time.monotonic() - began)
        time.sleep(0.05)


def main() -> None:
    end = time.monotonic() + SECONDS
    tenant: Counter[str] = Counter()
    others: Counter[str] = Counter()
    slowest: list[float] = []
    threads = [threading.Thread(target=trouble, args=("/?%s=1" % sys.argv[2], end, tenant)) for _ in range(CROWD)]
    threads += [threading.Thread(target=visit, args=(site, end, others, slowest)) for site in NEIGHBOURS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"tenant": tenant, "neighbours": others, "slowest_s": round(max(slowest), 2)}))


if __name__ == "__main__":
    main()
