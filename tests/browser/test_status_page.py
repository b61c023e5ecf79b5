"""The status page in a real browser: on a phone, on a desk and in the dark. Pictures lie in build/browser/."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_watch.history import History, dates
from plugins.module_utils.evenkeel_watch.incidents import Incident
from plugins.module_utils.evenkeel_watch.page_config import PageConfig
from plugins.module_utils.evenkeel_watch.publish import pages as made
from plugins.module_utils.evenkeel_watch.uptime import Share

from . import looks, promises
from .chromium import DESKTOP, PHONE

PICTURES = Path(__file__).resolve().parents[2] / "build" / "browser"
NOW = 1_800_057_600.0
BAD = {80: 5400.0, 41: 120.0, 12: 300.0}  # days, and seconds of each in which the site was down
DAYS = {
    date: {"blog": Share(86400 - BAD.get(number, 0), BAD.get(number, 0)), "shop": Share(86400, 0)}
    for number, date in enumerate(dates(NOW))
    if number > 8
}
SITES = {"blog": "web", "shop": "web"}
WANTED = PageConfig(
    "s.example", "Hosting Example", "Something else? support@hosting.example", {"web": "Websites"}, SITES, (), 30, "x" * 20
)
INCIDENT = Incident(
    "Sites answered with errors", "2026-11-22 18:40 UTC", "2026-11-22 20:10 UTC", ("A settings file was wrong.", "It is right.")
)
LONG = replace(WANTED, title="w" * 90, pools={"web": "Websites" * 12}, contact="support@" + "hosting" * 20)
PAGES = {
    "well": (WANTED, {"blog": True, "shop": True}),
    "down": (WANTED, {"blog": False, "shop": False}),
    "blind": (WANTED, {}),
    "long": (LONG, {"blog": True, "shop": True}),
}
every_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("status")
    for name, (wanted, answers) in PAGES.items():
        (folder / f"{name}.html").write_bytes(made(wanted, History(NOW, DAYS), answers, [INCIDENT], NOW)["index.html"])
    return folder


@every_page
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_is_wider_than_the_screen(browser, pages, name, size):
    browser.open(pages / f"{name}.html", size)
    browser.picture(PICTURES / f"status-{name}-{size[0]}.png")
    promises.fits(browser)


@pytest.mark.parametrize("name", ["well", "down", "blind"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_told_from_what_is_behind_it(browser, pages, name, scheme):
    browser.open(pages / f"{name}.html", DESKTOP, scheme)
    promises.can_be_read(browser)


def test_it_fetches_nothing(browser, pages):
    browser.open(pages / "well.html", PHONE)
    assert browser.look(looks.EVIL) == 0
    assert browser.requested == [(pages / "well.html").resolve().as_uri()]
