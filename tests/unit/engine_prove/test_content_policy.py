"""A page may carry a policy that forbids browsers the page's own stylesheet."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.content_policy import forbidden
from plugins.module_utils.evenkeel.probe import Answer

PAGE = b"""<!doctype html><link rel="icon" href="/i.png"><LINK href='/style.css' rel=stylesheet><script src=/app.js></script>
<img alt="" src="https://docs.example/logo.svg"><img src="data:image/png;base64,xx"><script src="https://cdn.example/x.js"></script>"""


def told(policy: str, page: bytes = PAGE) -> str | None:
    return forbidden("docs.example", Answer(200, {"content-security-policy": policy}, page))


@pytest.mark.parametrize(
    ("policy", "part"),
    [
        ("default-src 'none'", "/style.css"),
        ("default-src", "/style.css"),
        ("default-src 'self'; script-src 'none'", "/app.js"),
        ("default-src 'self'; script-src 'unsafe-inline' https://cdn.example", "/app.js"),
        ("default-src 'self'; IMG-SRC data:", "https://docs.example/logo.svg"),
        ("default-src 'self', style-src 'none'", "/style.css"),
        ("default-src *; style-src-elem https://cdn.example", "/style.css"),
        ("default-src https://*.docs.example", "/style.css"),
    ],
)
def test_a_part_that_the_policy_forbids_is_named(policy: str, part: str) -> None:
    assert told(policy) == part


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "upgrade-insecure-requests",
        "frame-ancestors 'none'",
        "default-src 'self'",
        "default-src https:",
        "default-src *",
        "default-src 'none'; script-src 'self'; style-src https://docs.example; img-src *.example",
        "default-src 'self'; script-src 'nonce-r4nd0m' 'strict-dynamic'",
    ],
)
def test_a_policy_that_lets_the_page_be_itself_is_no_finding(policy: str) -> None:
    assert told(policy) is None


def test_a_page_without_parts_of_its_own_needs_none() -> None:
    assert told("default-src 'none'", b"<!doctype html><script src='https://cdn.example/x.js'></script>") is None
