"""What visitors asked for, read from lines that they may have written to deceive."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.evenkeel import visits
from plugins.module_utils.evenkeel.visits import tally

SITES = {"blog.example": "blog", "shop.example": "shop"}


def line(path="/a", status=200, vhost="blog.example", client="192.0.2.1", user="-", agent="Firefox", method="GET", size=900):
    request = '%s %s HTTP/1.1" %d %d "-" "%s"' % (method, path, status, size, agent)
    return '%s - %s [22/Nov/2026:10:00:00 +0000] "%s %s 0123456789ab 15000' % (client, user, request, vhost)


def seen(*lines, site="blog"):
    block = "\n".join(lines).encode("latin-1") + b"\n"
    return tally([block], SITES)[site].pages


def test_visits_are_counted_by_path_and_visitor():
    pages = seen(line(), line(client="192.0.2.2"), line(client="192.0.2.2"), line("/b"))
    assert (pages["/a"].asked, pages["/a"].well, len(pages["/a"].visitors)) == (3, 3, 2)
    assert pages["/a"].seconds == pytest.approx(0.015)
    assert pages["/b"].asked == 1


def test_errors_are_asked_for_and_did_not_go_well():
    page = seen(line(status=500), line(status=302))["/a"]
    assert (page.asked, page.well) == (2, 0)


@pytest.mark.parametrize(
    "hostile",
    [
        line(method="POST"),
        line(user="ann"),
        line(agent="Evenkeel"),
        line(agent="Mozilla/5.0 (compatible; links) Evenkeel"),
        line(size=3 << 20),
        line("http://blog.example/a"),
        line("/a\\x22"),
        line("/ä"),
        line("/a b"),
        line(vhost="other.example"),
        line() + ' "GET /b HTTP/1.1" 200 1 "-" "-" blog.example x',
        "GET / blog.example 0123456789ab 15",
        line()[:-40],
        "",
        "\x00" * 50,
    ],
)
def test_other_lines_are_no_visits(hostile):
    assert seen(hostile) == {}


def test_a_visitor_cannot_speak_for_another_site():
    """Apache escapes quotes, so that a forged end of a line stands inside a quoted field."""
    forged = '/a\\" 200 1 \\"-\\" \\"x\\" shop.example 0123456789ab 1'
    assert seen(line(forged), line(agent=forged), site="shop") == {}


def test_inventing_addresses_keeps_nobody_out(monkeypatch):
    monkeypatch.setattr(visits, "_PATHS", 50)
    real = [line("/real"), line("/real")]
    invented = [line("/x%d" % number) for number in range(500)]
    pages = seen(*real, *invented, *real)
    assert pages["/real"].asked == 4
    assert len(pages) <= 50


def test_reading_ends_when_every_site_was_visited_enough(monkeypatch):
    monkeypatch.setattr(visits, "ENOUGH", 4)
    monkeypatch.setattr(visits, "VARIETY", 2)
    read = []

    def blocks():
        for number in range(9):
            read.append(number)
            path = "/%d" % (number // 5)  # a monitor that asks for one page again and again is not enough
            yield (line(path) + "\n" + line(path, vhost="shop.example") + "\n").encode()

    tally(blocks(), SITES)
    assert read == [0, 1, 2, 3, 4, 5]


def test_one_site_among_many_lines_of_others():
    others = [line("/x", vhost="site%d.example" % number) for number in range(300)]
    assert set(seen(*others, line("/mine"), *others)) == {"/mine"}


def test_the_pattern_is_that_of_the_template():
    """The log's format lies with the role; a field that moves there must move here."""
    from tests.unit.docs.pages import ROOT

    template = ROOT / "roles/apache/templates/etc/evenkeel/current/apache2/macros/logging.conf.j2"
    formats = re.search(r'LogFormat "(.*)" evenkeel', template.read_text())
    assert formats is not None
    values = {"h": "192.0.2.1", "l": "-", "u": "-", "t": "[22/Nov/2026:10:00:00 +0000]", "r": "GET /a HTTP/1.1", "O": "9"}
    values.update({">s": "200", "v": "blog.example", "D": "15000", "{Referer}i": "-", "{User-Agent}i": "x y"})
    text = formats[1].replace('\\"', '"').replace("${EVENKEEL_RELEASE}", "0123456789ab")
    written = re.sub(r"%(\{[^}]*\}i|>s|\w)", lambda found: values[found[1]], text)
    assert set(seen(written)) == {"/a"}


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_no_bytes_break_it(blocks):
    tally(blocks, SITES)


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_visitor_sends_counts_for_the_site_that_answered(path, agent):
    def escaped(text):
        """What ap_escape_logitem makes of it."""
        raw = text.encode("utf-8", "surrogatepass").decode("latin-1")
        return "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "\\x%02x" % ord(c) for c in raw)

    assert seen(line("/" + escaped(path), agent=escaped(agent)), site="shop") == {}
