"""A visitor's view of a host that was set up, and of a change that says beforehand what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hosts.fleet import Truth, Visitors, get, status

HOST = "bookworm1"


@pytest.mark.parametrize(
    ("site", "text"), [("brochure", "Brochure"), ("notes", "notes say 1 by PHP 8.2"), ("till", "till says 1 by PHP 8.2")]
)
def test_a_visitor_gets_the_site_that_was_asked_for(site: str, text: str) -> None:
    answer = get(HOST, site)
    assert answer.status_code == 200
    assert text in answer.text


def test_a_settings_file_is_inside_its_document_root() -> None:
    assert get(HOST, "brochure", "/version.txt").text == "version 1\n"


def test_an_alias_leads_to_the_name() -> None:
    answer = get(HOST, "www.brochure.example", "/a?b=c")
    assert (answer.status_code, answer.headers["Location"]) == (301, "http://brochure.example/a?b=c")


def test_a_name_that_no_site_has_gets_nobody_s_content() -> None:
    answer = get(HOST, "somebody.else")
    assert answer.status_code == 404
    assert "Brochure" not in answer.text


@pytest.mark.parametrize("path", ["/.git/config", "/.env", "/conf/site.php.bak", "/conf/site.php~", "/conf/"])
def test_what_is_nobody_s_business_is_not_served(path: str) -> None:
    assert get(HOST, "till", path).status_code in (403, 404)


def test_a_visitor_learns_nothing_of_the_release() -> None:
    headers = get(HOST, "notes").headers
    assert not [name for name in headers if name.lower().startswith(("evenkeel", "x-powered"))]
    assert headers["Server"] == "Apache"


def test_services_survive_a_boot(host: Any) -> None:
    for name in ("apache2", "php8.2-fpm", "evenkeel-php8.2@till", "evenkeel-recover"):
        assert host.service(name).is_enabled, name
    assert host.service("apache2").is_running


def test_the_host_says_that_all_is_well(host: Any) -> None:
    found = status(host)
    assert found["confirmed"]
    assert found["drift"] == found["down"] == []


def test_a_change_runs_four_times_as_it_said(tmp_path: Path, host: Any) -> None:
    """Check tells that it would change, real changes, and the second time neither does."""
    truth = Truth(tmp_path).write("brochure/settings/version.txt", "version 2\n")
    before = status(host)["current"]
    with Visitors(HOST) as visitors:
        check = truth.push("--check", "--diff")
        assert (check.code, check.changed > 0) == (0, True), check.text
        assert "version 2" in check.text
        assert status(host)["current"] == before
        real = truth.push()
        assert (real.code, real.changed > 0) == (0, True), real.text
        assert get(HOST, "brochure", "/version.txt").text == "version 2\n"
        again = truth.push("--check", "--diff")
        assert (again.code, again.changed) == (0, 0), again.text
        once_more = truth.push()
        assert (once_more.code, once_more.changed) == (0, 0), once_more.text
    assert visitors.failed == []
    assert visitors.requests > 100


def test_rolling_back_returns_to_the_release_before(tmp_path: Path, host: Any) -> None:
    back = Truth(tmp_path).push()
    assert back.code == 0, back.text
    assert get(HOST, "brochure", "/version.txt").text == "version 1\n"
