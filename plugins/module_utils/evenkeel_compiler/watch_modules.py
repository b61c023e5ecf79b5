"""The blackbox exporter's file: one module for each distinct answer that sites must give. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from .watch_expect import Expectation

ADDRESS = "evenkeel_address"  # does anybody answer at an address at all?
_HEAD = "# Managed by Evenkeel: changes here are lost. One line for each distinct answer that a site must give.\nmodules:\n"


def document(expectations: Iterable[Expectation], scheme: str) -> str:
    """The file, in YAML that is JSON from the second level on; the same expectations give the same bytes."""
    modules = {name(one): _http(one, scheme) for one in expectations}
    lines = [f"  {key}: {json.dumps(modules[key])}\n" for key in sorted(modules)]
    return _HEAD + f"  {ADDRESS}: {json.dumps({'prober': 'tcp', 'timeout': '2s'})}\n" + "".join(lines)


def name(expectation: Expectation) -> str:
    """A short name that says the status, where there is one, and differs wherever the expectation does."""
    status = "_".join(map(str, expectation.status)) if len(expectation.status) <= 3 else "any"
    digest = hashlib.sha256(json.dumps(_plain(expectation)).encode()).hexdigest()[:10]
    return f"site_{status}_{digest}"


def _plain(expectation: Expectation) -> list[Any]:
    return [expectation.status, expectation.contains, expectation.lacks, expectation.location]


def _http(expectation: Expectation, scheme: str) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "method": "GET",
        "follow_redirects": False,
        "fail_if_not_ssl": scheme == "https",
        "valid_status_codes": list(expectation.status),
        "fail_if_body_not_matches_regexp": [quoted(text) for text in expectation.contains],
        "fail_if_body_matches_regexp": [quoted(text) for text in expectation.lacks],
    }
    if expectation.location:
        wanted = {"header": "Location", "regexp": f"^{quoted(expectation.location)}$"}
        asked["fail_if_header_not_matches"] = [wanted]
    return {"prober": "http", "timeout": "10s", "http": {key: value for key, value in asked.items() if value != []}}


def quoted(text: str) -> str:
    """A regular expression of Go, in plain ASCII, that matches `text` and nothing else."""
    return "".join(_quoted(letter) for letter in text)


def _quoted(letter: str) -> str:
    if letter.isascii() and letter.isalnum():
        return letter
    return f"\\{letter}" if letter.isascii() and letter.isprintable() else f"\\x{{{ord(letter):x}}}"
