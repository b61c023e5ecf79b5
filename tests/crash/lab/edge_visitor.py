"""As visitor.py, through the balancer and run on it: what is told of an answer is the balancer's release.

python3 edge_visitor.py answers.jsonl    until SIGTERM
"""

from __future__ import annotations

import http.client
from typing import Any

import visitor

SITES = ("brochure", "notes", "till")


def ask(site: str) -> dict[str, Any]:
    return visitor.fetch(site, "/", told)


def told(response: http.client.HTTPResponse, body: bytes) -> dict[str, Any]:
    """Which release of the balancer answered."""
    return {"release": response.headers.get("Evenkeel-Edge")}


if __name__ == "__main__":
    visitor.write_down(SITES, ask)
