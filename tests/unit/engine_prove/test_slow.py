"""A page that became slow is told; one that always was, or was only once, is not."""

from __future__ import annotations

from plugins.module_utils.evenkeel.probe import Answer, Expect, Probe
from plugins.module_utils.evenkeel.slow import slower

PAGE = Probe("blog", "front page", "blog.example", "/", Expect((200,)))


class Server:
    """Answers after so many seconds, one after the other; the last one again and again."""

    def __init__(self, *seconds):
        self.seconds = list(seconds)

    def ask(self, probes):
        return [Answer(200, seconds=self.seconds.pop(0) if len(self.seconds) > 1 else self.seconds[0]) for _ in probes]


def told(first, twin, live, page=PAGE):
    return [failure.got for failure in slower([(page, Answer(200, seconds=first))], Server(*twin), Server(live), "old")]


def test_a_page_that_became_slow_is_told():
    assert told(2.1, [2.2, 2.0], 0.1) == ["answered after 2.0 s"]


def test_a_page_that_was_slow_once_is_not():
    assert told(2.1, [0.1], 0.1) == []


def test_a_page_that_is_slow_on_live_too_is_not():
    assert told(2.1, [2.1], 1.9) == []


def test_a_form_is_not_sent_again():
    assert told(3.0, [3.0], 0.1, Probe("blog", "form", "blog.example", "/", Expect((200,)), method="POST")) == []
