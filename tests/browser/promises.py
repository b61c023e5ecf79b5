"""What every page of ours keeps to, whoever it is for; asked of the page that the browser shows."""

from __future__ import annotations

from . import looks


def fits(browser):
    """Nothing is wider than the screen."""
    assert browser.look(looks.TOO_WIDE) == []
    assert browser.look(looks.SCROLLS) is False


def can_be_read(browser):
    """Every word can be told from what is behind it, and is large enough."""
    assert browser.look(looks.FAINT) == []
    assert browser.look(looks.SMALL) == []


def stands_alone(browser, page):
    """It is styled by its own policy, and fetches nothing."""
    assert browser.look(looks.STYLED) is True
    assert browser.look(looks.EVIL) == 0
    assert browser.requested == [page.resolve().as_uri()]
