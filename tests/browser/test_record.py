"""The record's pages in a real browser: on a phone, on a desk, in the dark and on paper. Pictures lie in build/browser/."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_record import rollout, shelf
from plugins.module_utils.evenkeel_record.journal import NAME, Journal
from tests.unit.record import events

from . import looks, promises
from .chromium import DESKTOP, PHONE

PICTURES = Path(__file__).resolve().parents[2] / "build" / "browser"
JOURNALS = {
    "rejected": events.rejected(),
    "published": events.published(),
    "interrupted": events.published()[:20],
    "hostile": events.hostile(),
    "huge": events.huge(),
}
every_page = pytest.mark.parametrize("name", [*JOURNALS, "index"])


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("record") / "example"
    found = {}
    for name, journal in JOURNALS.items():
        writer = Journal(folder / name / NAME)
        for event in journal:
            writer.append(event)
        writer.close()
        found[name] = shelf.make_page(folder / name)
    return {**found, "index": shelf.make_index(folder)}


@every_page
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_is_wider_than_the_screen(browser, pages, name, size):
    browser.open(pages[name], size)
    if name != "huge":
        browser.picture(PICTURES / f"{name}-{size[0]}.png")
    promises.fits(browser)


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_told_from_what_is_behind_it(browser, pages, name, scheme):
    browser.open(pages[name], DESKTOP, scheme)
    if scheme == "dark" and name in ("rejected", "index"):
        browser.picture(PICTURES / f"{name}-dark.png")
    promises.can_be_read(browser)


@pytest.mark.parametrize("name", JOURNALS)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_host_has_a_row_that_is_seen(browser, pages, name, size):
    browser.open(pages[name], size)
    began = {one.host for one in rollout.from_events(JOURNALS[name]).phases if one.host}
    assert {" ".join(host.split()) for host in began} == {" ".join(row.split()) for row in browser.look(looks.ROWS) if row}


@every_page
def test_a_page_is_styled_by_its_own_policy_and_fetches_nothing(browser, pages, name):
    browser.open(pages[name], DESKTOP)
    promises.stands_alone(browser, pages[name])


def test_a_page_can_be_printed_whole(browser, pages):
    browser.open(pages["published"], DESKTOP)
    assert browser.paper(PICTURES / "published.pdf").startswith(b"%PDF")
    browser.look(looks.FOLD)
    assert browser.look(looks.STEPS_SEEN) is False
    browser.call("Emulation.setEmulatedMedia", media="print")
    browser.picture(PICTURES / "published-print.png")
    assert browser.look(looks.STEPS_SEEN) is True
    assert browser.look(looks.FAINT) == []
