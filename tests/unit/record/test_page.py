"""Pages: whatever a value holds, it stays text; nothing comes from elsewhere; a thousand sites are readable."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from plugins.module_utils.evenkeel_record import entry, journal, rollout, shelf
from plugins.module_utils.evenkeel_record.journal import Journal

from . import events

TAGS = set(
    (
        "html head meta title style body main footer p a span header div h1 h2 dl dt dd section ol ul li strong pre details "
        "summary svg rect time br"
    ).split()
)


class Page(HTMLParser):
    """The tags, attributes and words of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words += data


def page(found, running=False):
    return shelf.rollout_page(rollout.from_events(found, running))


@pytest.mark.parametrize("found", [events.rejected(), events.published(), events.hostile(), [], events.huge(50, 3)])
def test_a_page_needs_nothing_but_itself(found):
    parsed = Page(page(found))
    assert set(parsed.tags) <= TAGS
    assert not [value for name, value in parsed.attributes if name in ("src", "style", "srcset") or name.startswith("on")]
    assert {value for name, value in parsed.attributes if name == "href"} == {"../index.html"}


def test_a_hostile_value_is_shown_as_the_text_it_is():
    text = page(events.hostile())
    assert "<script" not in text and "<img" not in text
    assert "\x1b" not in text and "\x00" not in text and "\u202e" not in text
    assert text.count("</style>") == text.count("</title>") - text.count("</title></rect>") == 1
    assert "<script>alert('x')</script>" in Page(text).words
    assert "{{ 7*7 }}" in text
    text.encode()


def test_the_policy_allows_the_page_its_own_style_and_nothing_else():
    text = page(events.rejected())
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'Policy" content="([^"]*)"', text)[1]
    assert policy.replace("&#39;", "'").startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_what_somebody_looks_for_is_on_the_page():
    words = Page(page(events.rejected())).words
    for wanted in ("Rejected", "anna", "3f9c0a1", "blog.example/", "answered 500", "200", "class-wp-locale.phpp", *events.HOSTS):
        assert wanted in words


def test_a_thousand_touched_sites_take_less_than_two_megabytes_and_the_rest_is_counted():
    text = page(events.huge(sites=1000, hosts=40))
    assert len(text.encode()) < 2_000_000
    words = " ".join(Page(text).words.split())
    assert "and 976 more sites" in words
    assert "customer-0999" in words
    assert re.search(r"And 900 more failures", words)


def test_differences_full_of_markup_find_no_room_rather_than_none(tmp_path):
    found = [
        events.begin(),
        events.release(),
        *(events.diff(path=f"x{i}", text="+" + "<&" * 50_000) for i in range(9)),
        events.end(),
    ]
    text = page(found)
    assert len(text.encode()) < 2_000_000
    assert "found no room here" in text


def write(folder, found):
    writer = Journal(folder / journal.NAME)
    for event in found:
        writer.append(event)
    writer.close()
    return folder


def test_the_index_lists_all_the_newest_first(tmp_path):
    write(tmp_path / "20261121T000000Z-aaaaaa", [{**events.begin(), "at": "2026-11-21T00:00:00.000Z"}])
    write(tmp_path / "20261122T233059Z-81aa01", events.rejected())
    shelf.make_page(tmp_path / "20261122T233059Z-81aa01")
    text = shelf.make_index(tmp_path).read_text(encoding="utf-8")
    assert text.index("20261122T233059Z-81aa01/index.html") < text.index("20261121T000000Z-aaaaaa/index.html")
    words = " ".join(Page(text).words.split())
    assert "Rejected 22 November 2026, 23:30:59 UTC push by anna from 3f9c0a1" in words
    assert "Interrupted 21 November 2026" in words


def test_the_index_says_how_many_it_leaves_out(tmp_path, monkeypatch):
    monkeypatch.setattr(shelf, "MAX_LISTED", 2)
    for day in (1, 2, 3):
        write(tmp_path / f"2026110{day}T000000Z-aaaaaa", [{**events.begin(), "at": f"2026-11-0{day}T00:00:00.000Z"}])
    text = shelf.make_index(tmp_path).read_text(encoding="utf-8")
    assert "And 1 older one" in text
    assert "20261101T" not in text


def test_the_index_takes_a_damaged_entry_for_none(tmp_path):
    folder = write(tmp_path / "20261122T233059Z-81aa01", events.rejected())
    for damage in ("", "{}", "[1]", '{"outcome": 1, "began": "x", "look": []}'):
        (folder / entry.NAME).write_text(damage, encoding="utf-8")
        assert "20261122T233059Z-81aa01" in shelf.make_index(tmp_path).read_text(encoding="utf-8")


def test_pages_are_not_for_everybody(tmp_path):
    folder = write(tmp_path / "20261122T233059Z-81aa01", events.rejected())
    assert shelf.make_page(folder).stat().st_mode & 0o007 == 0
    assert [path.name for path in sorted(folder.iterdir())] == ["entry.json", "index.html", "journal.jsonl"]
