"""What is wrong with an answer is said as a reader would say it, and only what got worse counts."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel import judge as judging
from plugins.module_utils.evenkeel.judge import judge, regressions, worse
from plugins.module_utils.evenkeel.probe import REFUSED, TIMEOUT, Answer, Expect, Probe
from plugins.module_utils.evenkeel.verdict import Failure


def probe(**expect):
    return Probe("blog", "front page", "blog.example", "/", Expect(**{"status": (200,), **expect}))


def answer(status=200, body=b"", **headers):
    return Answer(status, {"evenkeel-site": "blog", "evenkeel-release": "aaa", **headers}, body)


def line(asked, answered, release=None):
    failure = judge(asked, answered, release)
    return failure and failure.line()


def test_the_promised_answer_is_no_failure():
    asked = probe(site="blog", contains=("hello",), lacks=("<?php",), content_type="text/html", headers={"X-A": "^1$"})
    answered = answer(body=b"well, hello", **{"content-type": "text/html; charset=utf-8", "x-a": "1"})
    assert judge(asked, answered, "aaa") is None


def test_a_redirect_within_the_site_may_be_spelled_in_full():
    asked = probe(status=(301,), location="/new")
    assert judge(asked, answer(301, location="http://blog.example/new")) is None
    for elsewhere in ("http://evil.example/new", "https://blog.example/new", "http://blog.example:8080/new"):
        assert judge(asked, answer(301, location=elsewhere)).guard == "location"


@pytest.mark.parametrize(
    ("asked", "answered", "said"),
    [
        (probe(), answer(500), "blog.example/ answered 500, wanted 200"),
        (probe(status=(200, 301)), answer(404), "blog.example/ answered 404, wanted 200 or 301"),
        (probe(), Answer(error=REFUSED), "blog.example/ refused the connection, wanted 200"),
        (probe(), Answer(error=TIMEOUT, seconds=10), "blog.example/ did not answer within 10 s, wanted 200"),
        (probe(), answer(302, location="/x"), "blog.example/ answered 302 to /x, wanted 200"),
        (
            probe(site="shop"),
            answer(),
            "blog.example/ was answered by site blog, wanted site shop",
        ),
        (
            probe(status=(301,), location="https://blog.example/"),
            answer(301, location="https://evil.example/"),
            "blog.example/ redirected to https://evil.example/, wanted https://blog.example/",
        ),
        (
            probe(content_type="text/html"),
            answer(**{"content-type": "text/plain"}),
            "blog.example/ answered with the type text/plain, wanted text/html",
        ),
        (probe(headers={"X-A": "^1$"}), answer(), "blog.example/ answered with no header X-A, wanted it to match ^1$"),
        (probe(contains=("hello",)), answer(), "blog.example/ answered 200 without its text, wanted 'hello'"),
        (probe(lacks=("<?php",)), answer(body=b"<?php 1"), "blog.example/ answered 200 and shows '<?php', wanted none of that"),
    ],
)
def test_every_broken_promise_has_its_sentence(asked, answered, said):
    assert line(asked, answered) == said


def test_an_answer_of_another_release_is_a_failure():
    assert line(probe(), answer(), "bbb") == "blog.example/ was answered by release aaa, wanted bbb"


def test_foreign_text_in_a_message_is_one_short_printable_line():
    said = line(probe(), answer(302, location="/a\nb" + "x" * 500))
    assert "\n" not in said
    assert len(said) < 130


def failure(guard, status=None, got="", name="front page"):
    return Failure("blog", guard, got, probe=name, status=status)


def test_a_failure_that_the_live_release_shows_too_is_known():
    new, known = regressions([failure("status", 500)], [failure("status", 500)])
    assert (new, len(known)) == ([], 1)


def test_a_failure_of_another_probe_excuses_nothing():
    new, _ = regressions([failure("status", 500)], [failure("status", 500, name="feed")])
    assert len(new) == 1


@pytest.mark.parametrize(
    ("candidate", "live", "is_worse"),
    [
        (failure("status", 500), failure("contains", 200), True),
        (failure("contains", 200), failure("status", 500), False),
        (failure("error"), failure("status", 500), True),
        (failure("status", 403), failure("status", 404), False),
        (failure("status", 200), failure("status", 500), True),
        (failure("lacks", 200), failure("status", 500), True),
        (failure("lacks", 200), failure("lacks", 200), False),
    ],
)
def test_worse_is_what_costs_a_visitor_or_a_secret_more(candidate, live, is_worse):
    assert worse(candidate, live) is is_worse


def test_a_new_promise_is_excused_only_by_the_very_same_failure():
    def never(failure):
        return False

    suspended = failure("status", 503, "answered 503")
    assert regressions([failure("status", 500, "answered 500")], [suspended], never)[0]
    assert not regressions([failure("status", 503, "answered 503")], [suspended], never)[0]


def test_every_check_has_a_rank():
    assert {"error", "status", "lacks"} <= set(judging.GUARDS)
