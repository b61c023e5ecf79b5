"""A front page with the right text can still say too much, too little, or for too long."""

from __future__ import annotations

import gzip

import pytest

from plugins.module_utils.evenkeel.manners import compare
from plugins.module_utils.evenkeel.probe import Answer, Expect, Probe

FRONT = Probe("docs", "front page", "docs.example", "/", Expect((200,)))
PAGE = b"<!doctype html><h1>Docs</h1>" + b"<p>All about it.</p>" * 20
GOOD = {"content-type": "text/html", "server": "Apache", "x-frame-options": "DENY"}


class Live:
    def __init__(self, answer):
        self.answer = answer

    def ask(self, probes):
        return [self.answer for _ in probes]


def told(manifest, headers=GOOD, body=PAGE, live=None, same=("docs",), probe=FRONT):
    before = live or Answer(200, GOOD, PAGE)
    there = Answer(200, headers, body)
    return [failure.got for failure in compare(manifest, [(probe, there)], Live(there), Live(before), same)]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"server": "Apache/2.4.1 (Debian)"}, "names its version"),
        ({"x-powered-by": "PHP/8.2.1"}, "names its version"),
        ({"cache-control": "max-age=31536000"}, "kept by browsers for weeks"),
        ({"x-frame-options": None}, "lost the header x-frame-options: DENY"),
    ],
)
def test_a_header_that_is_worse_than_before_is_told(manifest, headers, said):
    changed = {name: value for name, value in {**GOOD, **headers}.items() if value is not None}
    assert any(said in got for got in told(manifest, changed))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xef\xbb\xbf" + PAGE, "sends 3 bytes before its page begins"),
        (PAGE + b"<br />\n<b>Warning</b>:  Undefined variable $x", "PHP's own words: Warning: Undefined variable"),
    ],
)
def test_a_body_that_is_worse_than_before_is_told(manifest, body, said):
    assert any(said in got for got in told(manifest, body=body))


def packed(body):
    return Answer(200, {**GOOD, "content-encoding": "gzip"}, body)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Answer(200, GOOD, PAGE), ["answers a browser with no compression"]),
        (packed(PAGE), ["answers a browser with broken compression"]),
        (packed(gzip.compress(gzip.compress(PAGE))), ["answers a browser with broken compression"]),
        (packed(gzip.compress(PAGE)), []),
    ],
)
def test_a_page_that_came_compressed_still_does(manifest, now, said):
    before = Live(packed(gzip.compress(PAGE)))
    assert [failure.got for failure in compare(manifest, [(FRONT, now)], Live(now), before, ())] == said


def test_a_file_that_only_claims_to_be_compressed_is_told(manifest):
    sheet = Probe("docs", "stylesheet", "docs.example", "/style.css", Expect((200,)))
    plain, claimed = Answer(200, GOOD, b"p { color: red }"), packed(b"p { color: red }")

    def got(now, before):
        return [failure.got for failure in compare(manifest, [(sheet, now)], Live(now), Live(before), ())]

    assert got(claimed, plain) == ["says that it is compressed, and is not"]
    assert got(packed(gzip.compress(b"p { color: red }")), plain) == got(claimed, claimed) == got(plain, plain) == []


def test_a_page_that_may_not_load_its_own_stylesheet_is_told(manifest):
    page = PAGE + b'<link rel="stylesheet" href="/style.css">'
    strict = {**GOOD, "content-security-policy": "default-src 'none'"}
    said = "forbids browsers its own /style.css: Content-Security-Policy: default-src 'none'"
    assert told(manifest, strict, page, Answer(200, GOOD, page)) == [said]
    assert told(manifest, strict, page, Answer(200, strict, page)) == []


def test_a_compressed_page_tells_caches_so(manifest):
    told_caches = Answer(200, {**GOOD, "content-encoding": "gzip", "vary": "Accept-Encoding"}, gzip.compress(PAGE))
    silent = packed(gzip.compress(PAGE))
    found = compare(manifest, [(FRONT, silent)], Live(silent), Live(told_caches), ())
    assert [failure.got for failure in found] == ["is compressed and does not say so to caches"]
    assert compare(manifest, [(FRONT, silent)], Live(silent), Live(silent), ()) == []


def test_a_visitor_s_cookie_is_not_for_every_cache(manifest):
    login = Probe("docs", "login", "docs.example", "/login", Expect((200,)))
    private = {**GOOD, "set-cookie": "sid=1"}

    def got(cache):
        now = Answer(200, {**private, "cache-control": cache}, PAGE)
        return [failure.got for failure in compare(manifest, [(login, now)], Live(now), Live(Answer(200, private, PAGE)), ())]

    assert got("public, s-maxage=86400") == ["gives a cookie, and may be kept by caches for everybody"]
    assert got("no-store, public") == got("private, max-age=60") == got("max-age=60") == []


def test_a_short_page_may_come_either_way(manifest):
    short = Answer(200, GOOD, b"<p>Docs</p>")
    before = Live(packed(gzip.compress(b"<p>Docs</p>")))
    assert compare(manifest, [(FRONT, short)], Live(short), before, ()) == []


def test_what_was_so_before_is_not_told(manifest):
    was = Answer(200, {**GOOD, "server": "Apache/2.4.1"}, b"\n" + PAGE)
    assert told(manifest, {**GOOD, "server": "Apache/2.4.2"}, b"\n" + PAGE, live=was) == []


def test_a_header_that_the_site_file_took_away_is_not_missed(manifest):
    assert told(manifest, {"content-type": "text/html"}, same=()) == []


def test_pages_that_are_no_front_page_are_not_compared(manifest):
    deep = Probe("docs", "deep", "docs.example", "/deep", Expect((200,)))
    assert told(manifest, {"server": "Apache/2.4.1"}, probe=deep) == []
