"""A page whose status and words are right can still be unreadable, or not be shown."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.page import worse
from plugins.module_utils.evenkeel.probe import Answer

UTF8 = {"content-type": "text/html; charset=UTF-8"}
LATIN = {"content-type": "text/html; charset=ISO-8859-1"}
PAGE = "<!doctype html><html><title>Zürich</title><body><p>Łódź</p></body></html>\n".encode()


def told(headers=UTF8, body=PAGE, live=PAGE):
    return [got for got, _ in worse(Answer(200, UTF8, live), Answer(200, headers, body))]


def test_utf_8_that_is_said_to_be_something_else_is_told():
    assert told(LATIN) == ["is said to be iso-8859-1, and is UTF-8: letters with accents would break"]


def test_a_page_that_was_moved_to_another_character_set_is_fine():
    assert told(LATIN, "<html><p>Zürich</p></html>".encode("latin-1")) == []
    assert told({"content-type": "text/html"}) == []


def test_a_page_that_browsers_save_is_told():
    saved = {**UTF8, "content-disposition": "attachment"}
    assert told(saved) == ["is saved by browsers and not shown: Content-Disposition: attachment"]
    assert told({**UTF8, "content-disposition": "inline"}) == []


@pytest.mark.parametrize("body", [b"", b"<!doctype html><title>Docs</title><h1>", b"<html><head><style>p { color: red }</style>"])
def test_a_page_without_a_word_is_told(body):
    assert told(body=body) == ["has no text any more"]


@pytest.mark.parametrize("body", [b"<script src=/app.js></script>", b"<img src=/soon.svg>", b"<p>Soon</p>"])
def test_a_page_that_shows_something_else_is_fine(body):
    assert told(body=body) == []


def test_a_page_that_breaks_off_is_told():
    assert told(body=PAGE[:-17]) == ["breaks off after %d bytes" % (len(PAGE) - 17)]
    assert told(body=b"<p>Shorter, and without an end") == []
    assert told(body=PAGE[:-17], live=PAGE[:-16]) == []


def test_what_is_no_page_is_not_looked_at():
    assert told({"content-type": "text/plain; charset=ISO-8859-1"}) == []
