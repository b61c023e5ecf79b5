"""A verdict is read twice: by a person as a paragraph, by the engine as a document."""

from __future__ import annotations

import json

import pytest

from plugins.module_utils.evenkeel.errors import InvalidState
from plugins.module_utils.evenkeel.verdict import Failure, Verdict, from_document

BLOG = Failure("blog", "status", "answered 500", "200", "front page", "blog.example/", 500, ("PHP Fatal error: x",))
POOL = Failure(None, "configtest", "Apache refuses the configuration", cause=("apache2/apache2.conf:3: Invalid command",))


def test_a_rejection_says_what_is_true_now_and_why():
    assert Verdict("81aa", "3f9c", (BLOG,)).message() == (
        "Kept release 3f9c; candidate 81aa rejected: blog.example/ answered 500, wanted 200 (PHP Fatal error: x)"
    )


def test_a_rejection_names_the_changed_file_unless_it_did():
    assert Verdict("81aa", "3f9c", (BLOG,), changed=("apache2/mime.types",)).message().endswith("; it changes apache2/mime.types")
    assert "it changes" not in Verdict("b", "a", (POOL,), changed=("apache2/apache2.conf",)).message()


def test_what_concerns_everybody_is_told_first():
    message = Verdict("81aa", "3f9c", (BLOG, POOL)).message()
    assert message.index("configtest: Apache refuses") < message.index("blog.example/")


def test_a_front_page_is_told_before_what_lies_below_it():
    below = Failure("blog", "status", "answered 500", "200", "feed", "blog.example/feed")
    assert Verdict("b", "a", (below, BLOG)).message().index("blog.example/ ") < 60


def test_a_long_list_is_cut_and_names_the_rest():
    many = tuple(Failure("s%d" % number, "status", "answered 500", "200", "p", "s%d/" % number) for number in range(9))
    assert "and 4 more (s5, s6, s7, s8)" in Verdict("b", "a", many).message()


def test_known_failures_are_mentioned_and_reject_nothing():
    verdict = Verdict("b", "a", known=(BLOG,), probes=7)
    assert verdict.ok
    assert verdict.message() == "Release b answered 6 of 7 probes as it must; the others were broken before (blog)."
    assert verdict.known_pairs == {("blog", "front page")}


def test_sites_can_be_held_back_and_the_pool_cannot():
    verdict = Verdict("b", "a", (BLOG, POOL))
    assert verdict.sites == {"blog"}
    assert verdict.pool_wide == (POOL,)


def test_a_verdict_survives_its_document():
    verdict = Verdict("b", "a", (BLOG, POOL), (BLOG,), 7, {"probe": 0.1}, ("apache2/apache2.conf",))
    assert from_document(json.loads(json.dumps(verdict.to_document()))) == verdict


def test_a_damaged_document_is_refused():
    with pytest.raises(InvalidState):
        from_document({"release": "b"})


def test_what_was_learned_is_told_with_what_was_promised():
    verdict = Verdict("b", "a", probes=7, learned=5, unstable=("blog.example/dice",))
    assert verdict.message() == "Release b answered all 7 probes as it must. 4 pages learned from traffic look as they do now."
    assert from_document(json.loads(json.dumps(verdict.to_document()))) == verdict
