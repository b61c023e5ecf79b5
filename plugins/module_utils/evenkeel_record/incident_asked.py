"""Prometheus and Alertmanager of this host, asked over loopback."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

PROMETHEUS, ALERTMANAGER = "http://127.0.0.1:9090", "http://127.0.0.1:9093"
_PATIENCE_S = 20.0
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Monitoring:
    """OSError where there is no answer, or none that can be read."""

    def instant(self, query: str) -> list[float]:
        """The values of all series, now."""
        found = _answer(f"{PROMETHEUS}/api/v1/query", {"query": query})
        return [float(one["value"][1]) for one in found["data"]["result"]]

    def ranges(self, queries: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """Each answer by its name, as it is."""
        return {name: _answer(f"{PROMETHEUS}/api/v1/query_range", query) for name, query in queries.items()}

    def alerts(self) -> list[dict[str, Any]]:
        """Alerts that Alertmanager knows."""
        return list(_answer(f"{ALERTMANAGER}/api/v2/alerts"))


def _answer(address: str, query: Mapping[str, str] | None = None) -> Any:
    given = urllib.parse.urlencode(query).encode() if query else None
    try:
        with _NO_PROXY.open(address, given, _PATIENCE_S) as answer:
            return json.load(answer)
    except ValueError as error:
        raise OSError(f"{address} answered nonsense ({error})") from error
