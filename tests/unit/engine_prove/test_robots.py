"""No change tells search engines to forget a site, unless somebody says that he means it."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.probe import Answer, Expect, Probe
from plugins.module_utils.evenkeel.release import Release
from plugins.module_utils.evenkeel.robots import compare, is_shut

FRONT = Probe("docs", "front page", "docs.example", "/", Expect((200,)))
PAGE = Answer(200, {}, b"Docs")
SHUT = b"User-agent: *\nDisallow: /\n"


class Server:
    def __init__(self, page=PAGE, robots=b""):
        self.answers = {"/": page, "/robots.txt": Answer(200, {}, robots) if robots else Answer(404)}

    def ask(self, probes):
        return [self.answers[probe.path] for probe in probes]


def told(manifest, twin, live, front=FRONT, promised=()):
    candidate = Release("0" * 12, "", manifest, {"docs": [{"path": path} for path in promised]})
    return [failure.got for failure in compare(candidate, [(front, twin.answers["/"])], twin, live)]


def tagged(value):
    return Server(Answer(200, {"x-robots-tag": value}, b"Docs"))


@pytest.mark.parametrize("value", ["noindex, nofollow", "none", "nofollow, googlebot: noindex"])
def test_a_header_that_hides_a_site_is_told(manifest, value):
    assert told(manifest, tagged(value), Server()) == ["tells search engines to forget the site: X-Robots-Tag"]
    assert told(manifest, tagged(value), tagged(value)) == []


@pytest.mark.parametrize("value", ["all", "noarchive", "otherbot: noindex"])
def test_a_header_that_hides_nothing_is_fine(manifest, value):
    assert told(manifest, tagged(value), Server()) == []


def test_a_robots_txt_that_shuts_the_site_is_told(manifest):
    assert told(manifest, Server(robots=SHUT), Server()) == ["keeps search engines from the whole site"]
    assert told(manifest, Server(robots=SHUT), Server(robots=SHUT)) == []


def test_who_says_so_means_it(manifest):
    assert told(manifest, Server(robots=SHUT), Server(), promised=["/robots.txt"]) == []
    meant = Probe("docs", "front page", "docs.example", "/", Expect((200,), headers={"X-Robots-Tag": "noindex"}))
    assert told(manifest, tagged("noindex"), Server(), front=meant) == []


@pytest.mark.parametrize(
    ("text", "shut"),
    [
        (b"user-agent: a\nuser-agent: *\ndisallow: /  # staging\n", True),
        (b"User-agent: *\nDisallow:\n", False),
        (b"User-agent: *\nDisallow: /wp-admin/\n", False),
        (b"User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /tmp/\n", False),
        (b"User-agent: *\nDisallow: /\nAllow: /public/\n", False),
        (b"<html>no such page</html>", False),
    ],
)
def test_a_robots_txt_is_read_as_search_engines_do(text, shut):
    assert is_shut(Answer(200, {}, text)) is shut
