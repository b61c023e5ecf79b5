"""Incident reports in a real browser: on a phone, on a desk, in the dark and on paper. Pictures lie in build/browser/."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_record.incident_clock import clock, moment
from plugins.module_utils.evenkeel_record.incident_folder import write
from plugins.module_utils.evenkeel_record.incident_rollout import of_rollout
from plugins.module_utils.evenkeel_record.incident_span import of_span, seen
from tests.unit.record.events import BEGAN, HOSTILE, end, hostile, rejected
from tests.unit.record.incidents import outage, reverted, told

from . import promises
from .chromium import DESKTOP, PHONE

PICTURES = Path(__file__).resolve().parents[2] / "build" / "browser"
BERLIN = clock("Europe/Berlin")
SPAN = (moment(BEGAN), moment(BEGAN + 300))
INCIDENTS = {
    "rejected": of_rollout(told(rejected())),
    "reverted": of_rollout(told(reverted())),
    "hostile": of_rollout(told([*hostile()[:-1], end(message=HOSTILE)])),
    "span": of_span("example", *SPAN, [told(reverted())], seen(outage(), "", *SPAN)),
}
every_page = pytest.mark.parametrize("name", INCIDENTS)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return {name: write(tmp_path_factory.mktemp(name), one, BERLIN).page for name, one in INCIDENTS.items()}


@every_page
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_is_wider_than_the_screen(browser, pages, name, size):
    browser.open(pages[name], size)
    browser.picture(PICTURES / f"incident-{name}-{size[0]}.png")
    promises.fits(browser)


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_told_from_what_is_behind_it(browser, pages, name, scheme):
    browser.open(pages[name], DESKTOP, scheme)
    promises.can_be_read(browser)


@every_page
def test_a_report_is_styled_by_its_own_policy_and_fetches_nothing(browser, pages, name):
    browser.open(pages[name], DESKTOP)
    promises.stands_alone(browser, pages[name])


def test_a_report_can_be_printed(browser, pages):
    browser.open(pages["reverted"], DESKTOP)
    assert browser.paper(PICTURES / "incident-reverted.pdf").startswith(b"%PDF")
