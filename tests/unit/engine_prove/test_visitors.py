"""Whoever visits a site sees its page, not only those who ask like a probe."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.http_request import AGENT
from plugins.module_utils.evenkeel.probe import RESET, Answer, Expect, Probe
from plugins.module_utils.evenkeel.visitors import compare, fronts

FRONT = Probe("docs", "front page", "docs.example", "/", Expect((200,)))
PAGE = Answer(200, {}, b"Docs")


class Server:
    """Answers with what `odd` says of a request, and with the page otherwise."""

    def __init__(self, odd=lambda probe: None):
        self.odd = odd
        self.asked = []

    def ask(self, probes):
        self.asked += probes
        return [self.odd(probe) or PAGE for probe in probes]


def told(manifest, odd, live=lambda probe: None, page=PAGE):
    return [failure.got for failure in compare(manifest, [(FRONT, page)], Server(odd), Server(live))]


def to_phones(location):
    return lambda probe: Answer(302, {"location": location}) if "iPhone" in probe.headers["User-Agent"] else None


def refused_by(test):
    return lambda probe: Answer(403) if test(probe) else None


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (lambda probe: "Chrome/1" in probe.headers["User-Agent"], "answers a browser with 403"),
        (lambda probe: "=" in probe.path, "answers a reader of a newsletter with 403"),
        (lambda probe: "bot" in probe.headers["User-Agent"], "answers a search engine with 403"),
        (lambda probe: probe.method == "HEAD", "answers somebody who asks by HEAD with 403"),
    ],
)
def test_a_visitor_who_is_sent_away_is_told(manifest, test, said):
    assert told(manifest, refused_by(test)) == [said]
    assert told(manifest, refused_by(test), refused_by(test)) == []


def test_a_visitor_who_gets_no_answer_is_told(manifest):
    assert told(manifest, lambda probe: Answer(error=RESET) if probe.method == "HEAD" else None) == [
        "gives somebody who asks by HEAD no answer (reset)"
    ]


def test_a_bad_moment_is_none_when_asked_again(manifest):
    answers = iter([Answer(503)])
    assert told(manifest, lambda probe: next(answers, None)) == []


@pytest.mark.parametrize("location", ["/mobile/", "http://docs.example/mobile/", "https://blog.example/docs"])
def test_a_visitor_may_be_led_to_a_page_of_his_own(manifest, location):
    assert told(manifest, to_phones(location)) == []


def test_a_visitor_who_is_led_nowhere_is_told(manifest):
    assert told(manifest, to_phones("http://m.docs.example/")) == [
        "sends a phone to http://m.docs.example/, which is no site of this pool"
    ]
    gone = to_phones("/mobile/")
    assert told(manifest, lambda probe: Answer(404) if probe.path == "/mobile/" else gone(probe)) == [
        "sends a phone to /mobile/, which answers 404"
    ]


def lets_in(probe):
    origin = probe.headers.get("Origin")
    said = {"access-control-allow-origin": origin, "access-control-allow-credentials": "true"}
    return Answer(200, said) if origin else None


def test_a_page_that_any_site_s_scripts_may_read_is_told(manifest):
    (got,) = told(manifest, lets_in)
    assert got.startswith("lets scripts of any other site read")
    assert told(manifest, lets_in, lets_in) == []
    assert told(manifest, lambda probe: Answer(200, {"access-control-allow-origin": "*"})) == []


def test_a_page_that_is_wrong_already_is_not_asked_for_again(manifest):
    twin = Server()
    assert compare(manifest, [(FRONT, Answer(500))], twin, Server()) == twin.asked == []


def test_few_sites_are_asked_where_pages_are_slow(manifest):
    sites = [Probe("site%d" % number, "front page", "x.example", "/", Expect((200,))) for number in range(30)]
    quick, slow = (fronts([(site, Answer(200, seconds=seconds)) for site in sites]) for seconds in (0.02, 0.6))
    assert (len(quick), len(slow)) == (10, 2)


def test_live_is_not_asked_where_nobody_is_sent_away(manifest):
    twin, live = Server(), Server()
    compare(manifest, [(FRONT, PAGE)], twin, live)
    assert live.asked == []
    assert all(probe.headers["User-Agent"].endswith(AGENT) for probe in twin.asked)
