"""The status page: calm for everybody, exact for a customer with a link, and text stays text."""

from __future__ import annotations

import io
import re
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel_watch import page_config, publish, tokens
from plugins.module_utils.evenkeel_watch.config import Config, Watched
from plugins.module_utils.evenkeel_watch.errors import Silent, WatchError
from plugins.module_utils.evenkeel_watch.history import History
from plugins.module_utils.evenkeel_watch.incidents import Incident, load, parsed
from plugins.module_utils.evenkeel_watch.page_config import PageConfig
from plugins.module_utils.evenkeel_watch.prometheus import Sample
from plugins.module_utils.evenkeel_watch.uptime import Share

NOW = 1_800_057_600.0
SECRET = "correct horse battery staple"
WANTED = PageConfig("status.hosting.example", "Hosting Example", "support@hosting.example", {"web": "Websites"},
                    {"blog": "web", "shop": "web"}, (), 30, SECRET)  # fmt: skip
KNOWN = History(NOW, {"2027-01-15": {"blog": Share(86000, 400), "shop": Share(86400, 0)}})
WELL = {"blog": True, "shop": True}
TEXT = """# Sites answered with errors
From: 2026-11-22 18:40 UTC
Until: 2026-11-22 20:10 UTC

A file
was wrong.

It is right now."""


def html(wanted: PageConfig = WANTED, answers: dict[str, bool] = WELL, incidents: tuple[Incident, ...] = ()) -> dict[str, str]:
    return {path: page.decode() for path, page in publish.pages(wanted, KNOWN, answers, list(incidents), NOW).items()}


def test_everybody_sees_pools_and_no_tenant() -> None:
    page = html()["index.html"]
    assert "Everything works" in page
    assert "Websites" in page
    assert "2027-01-15: 99.76 %" in page
    assert "2027-01-14: no data" in page
    assert not re.search(r"\b(blog|shop)\b", page)


def test_a_tenant_who_may_be_named_is() -> None:
    assert ">blog</h3>" in html(replace(WANTED, public_sites=("blog",)))["index.html"]


def test_a_customer_sees_one_site_and_its_pool() -> None:
    page = html(answers={"blog": False, "shop": True})[f"site/{tokens.token(SECRET, 'blog')}.html"]
    assert "blog does not work" in page
    assert "99.53 %" in page
    assert "shop" not in page
    assert 'content="noindex' in page


def test_links_follow_the_secret_and_there_are_none_without() -> None:
    found = {tokens.token(secret, site) for secret in (SECRET, SECRET + "2") for site in ("blog", "shop")}
    assert len(found) == 4
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in found)
    assert list(html(replace(WANTED, secret=""))) == ["index.html"]


def test_no_page_knows_the_secret_or_anybody_elses_address() -> None:
    pages = html()
    for path, page in pages.items():
        assert SECRET not in page
        assert not [other for other in pages if other != "index.html" and other != path and other[5:-5] in page]


def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    for page in html().values():
        assert not re.search(r"<script|<link|<img|@import|url\(|https?://|\bon\w+=", page)


def test_text_stays_text() -> None:
    angry = "<script>alert(1)</script>{{ 7*7 }}"
    incident = Incident(angry, "2026-11-22 18:40 UTC", "", (angry,))
    page = html(replace(WANTED, title=angry, contact=angry, pools={"web": '"><b>'}), incidents=(incident,))["index.html"]
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page
    assert "it lasts" in page


def test_nothing_known_is_said_and_not_called_well() -> None:
    assert "We cannot see at the moment" in html(answers={})["index.html"]


def test_an_incident_is_read_as_a_person_writes_it() -> None:
    found = parsed(TEXT)
    assert (found.title, found.until) == ("Sites answered with errors", "2026-11-22 20:10 UTC")
    assert found.paragraphs == ("A file was wrong.", "It is right now.")


@pytest.mark.parametrize("text", ["", "# T\n\nwords", "# T\nFrom: yesterday\n", "T\nFrom: 2026-11-22 18:40 UTC\n"])
def test_one_that_cannot_be_read_is_left_out_and_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.md").write_text(text)
    (tmp_path / "b.md").write_text(TEXT)
    found, problems = load(tmp_path)
    assert len(found) == 1
    assert problems[0].startswith("a.md is not shown")


@pytest.mark.parametrize("wrong", [{"secret": "short and secret"}, {"sites": None}])
def test_a_wrong_configuration_is_refused_without_showing_it(tmp_path: Path, wrong: dict[str, Any]) -> None:
    import json

    raw = {"name": "s", "title": "", "contact": "", "pools": {}, "sites": {}, "public_sites": [], "interval_s": 30, "secret": ""}
    path = tmp_path / "status_page.json"
    path.write_text(json.dumps(raw))
    assert page_config.load(str(path)).name == "s"
    path.write_text(json.dumps({**raw, **wrong}))
    with pytest.raises(WatchError) as said:
        page_config.load(str(path))
    assert "short" not in str(said.value)


class Fleet:
    def __init__(self, *dead: str) -> None:
        self.dead = dead
        self.sent: dict[str, bytes] = {}

    def ask(self, host: str, question: Any, timeout_s: float = 30, payload: bytes = b"") -> dict[str, Any]:
        if host in self.dead:
            raise Silent(f"{host} does not answer")
        self.sent[host] = payload
        return {"files": 3}


class Prometheus:
    def query(self, expression: str, at: float) -> list[Sample]:
        raise Silent("no answer")


def run(folder: Path, fleet: Fleet) -> list[str]:
    config = Config("mon1", (Watched("edge1", "edge", "edge"), Watched("edge2", "edge", "edge")), 1, False, "", folder, "")
    return publish.run(config, WANTED, Prometheus(), fleet, NOW)


def test_every_balancer_gets_all_pages_also_when_prometheus_is_silent(tmp_path: Path) -> None:
    fleet = Fleet()
    assert run(tmp_path, fleet) == []
    with tarfile.open(fileobj=io.BytesIO(fleet.sent["edge2"]), mode="r:gz") as archive:
        assert len(archive.getnames()) == 3


def test_one_dead_balancer_is_told_and_two_are_a_failure(tmp_path: Path) -> None:
    assert run(tmp_path, Fleet("edge1")) == ["edge1 does not answer"]
    with pytest.raises(Silent):
        run(tmp_path, Fleet("edge1", "edge2"))
