"""What may be asked a second time: nothing that does something, nothing that is somebody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.evenkeel.replayable import covers, fit

PAGES = (
    "/",
    "/about/",
    "/article/42",
    "/2026/11/a-long-story-about-boats-and-their-owners/",
    "/news",
    "/address",
    "/carton-sizes",
    "/wp-content/themes/twentytwentyone/style.css",
    "/wp-content/uploads/2026/11/IMG_20261101_123456.jpg",
    "/?p=12",
    "/doku.php?id=start",
    "/list?page=2&sort=name",
    "/tag/a%2Fb",
    "/login",
    "/addons/",
)
DOING = (
    "/logout",
    "/Logout.php",
    "/user/sign-out?x=1",
    "/shop/?add-to-cart=12",
    "/wp-cron.php?doing_wp_cron=1",
    "/wp-admin/post.php?action=trash",
    "/newsletter/unsubscribe/12",
    "/cart/add/5",
    "/api/v1/cache/purge",
    "/index.php?action=show",
    "/items/7/delete",
    "/xmlrpc.php",
)
SOMEBODYS = (
    "/reset-password/abc",
    "/u/ann@example.org",
    "/u/ann%40example.org",
    "/s/d41d8cd98f00b204e9800998ecf8427e",
    "/f/550e8400-e29b-41d4-a716-446655440000",
    "/page;jsessionid=8A7F",
    "/page?sid=1",
    "/page?token=1",
    "/search?q=boils",
    "/call/491701234567",
    "/t/eyJhbGciOiJIUzI1NiIsInR5cCI6.html",
    "/x/kJ8s-0pQz_1LmNb-7Vx3CdFg",
)
HOSTILE = (
    "",
    "*",
    "http://other.example/",
    "//other.example/",
    "/a b",
    "/a\r\nHost: x",
    "/a\x00",
    "/%00",
    "/%0d%0aSet-Cookie:x",
    "/\\x22",
    "/<script>",
    "/" + "a" * 400,
    "/ä",
    "/a#b",
    "/?" + "a=b&" * 9,
    "/a/../b",
    "/a/%2E%2e/b",
    "/.hidden",
    "/.well-known/acme-challenge/x",
    "/server-status",
    "/.evenkeel/php/8.2",
)


@pytest.mark.parametrize("target", PAGES)
def test_a_page_may_be_asked_again(target):
    assert fit(target)


@pytest.mark.parametrize("target", DOING + SOMEBODYS + HOSTILE)
def test_what_does_something_or_is_somebodys_or_hostile_is_left_alone(target):
    assert not fit(target)


def test_excluded_pages_are_left_alone():
    assert not fit("/dice", ["/dice"])
    assert not fit("/calendar/2026?page=2", ["/calendar/*"])
    assert fit("/calendars", ["/calendar/*"])
    assert covers("/*", "/anything")


@given(st.text(max_size=400).map(lambda text: "/" + text))
def test_only_plain_ascii_of_one_line_is_ever_sent(target):
    if fit(target):
        assert target.isascii() and target.isprintable() and not set(target) & set(" \"'<>\\^`{}|#;@") - {"'"}
