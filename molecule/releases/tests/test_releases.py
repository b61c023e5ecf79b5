"""Debian 13 brings another PHP and another systemd; a visitor cannot tell."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hosts.fleet import get, status

HOST = "trixie1"


@pytest.mark.parametrize(
    ("site", "text"), [("brochure", "Brochure"), ("notes", "notes say 1 by PHP 8.4"), ("till", "till says 1 by PHP 8.4")]
)
def test_a_visitor_gets_the_site_that_was_asked_for(site: str, text: str) -> None:
    answer = get(HOST, site)
    assert answer.status_code == 200
    assert text in answer.text


def test_an_alias_leads_to_the_name() -> None:
    assert get(HOST, "www.brochure.example").headers["Location"] == "http://brochure.example/"


def test_it_is_another_debian(host: Any) -> None:
    assert host.system_info.codename == "trixie"


def test_the_host_says_that_all_is_well(host: Any) -> None:
    found = status(host)
    assert found["confirmed"]
    assert found["drift"] == found["down"] == []


def test_every_probe_is_answered(host: Any) -> None:
    with host.sudo():
        assert host.run("evenkeel verify").rc == 0
