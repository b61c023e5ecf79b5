"""Questions to Prometheus on this host."""

from __future__ import annotations

import json
import math
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple

from .errors import Silent

_PATIENCE_S = 20.0
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Sample(NamedTuple):
    """One series at one moment."""

    labels: Mapping[str, str]
    value: float


class Prometheus:
    """`address` is like http://127.0.0.1:9090."""

    def __init__(self, address: str) -> None:
        self._address = address

    def query(self, expression: str, at: float) -> list[Sample]:
        """The samples of an instant vector at `at`, in seconds since 1970. Silent when there is no answer."""
        asked = urllib.parse.urlencode({"query": expression, "time": "%.3f" % at}).encode()
        try:
            with _NO_PROXY.open(self._address + "/api/v1/query", asked, _PATIENCE_S) as answer:
                return samples(json.load(answer))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Silent("Prometheus at %s does not answer (%s)" % (self._address, error)) from error


def samples(document: Mapping[str, Any]) -> list[Sample]:
    """What an answer says; what is no number is left out. ValueError for any other answer than an instant vector."""
    if document["status"] != "success" or document["data"]["resultType"] != "vector":
        raise ValueError("no vector")
    found = [Sample(one["metric"], float(one["value"][1])) for one in document["data"]["result"]]
    return [sample for sample in found if math.isfinite(sample.value)]
