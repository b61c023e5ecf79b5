"""Which pages of a site are learned: the most asked-for, few, and never more than a push can bear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils.evenkeel import learned
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.learned import Learned, choose, learn, limited
from plugins.module_utils.evenkeel.manifest import Manifest
from plugins.module_utils.evenkeel.paths import Paths
from plugins.module_utils.evenkeel.visits import Tally
from tests.unit.engine_prove.test_visits import line

LEARN = {"exclude": ["/dice"], "headers": {"X-Forwarded-Proto": "https"}}
FACTS = {"state": "active", "server_name": "blog.example", "learn": LEARN}


def tallied(*pages):
    """Of (path, visits, visitors, well, seconds each)."""
    tally = Tally()
    for path, asked, visitors, well, seconds in pages:
        for number in range(asked):
            tally.add(path, b"%d" % (number % visitors), number < well, seconds)
    return tally


def paths(*pages, exclude=()):
    return [page.path for page in choose("blog", tallied(*pages), exclude)]


def test_what_many_visitors_ask_for_comes_before_what_one_asks_for_often():
    assert paths(("/one", 500, 1, 500, 0), ("/many", 20, 9, 20, 0)) == ["/many", "/one"]


def test_what_does_not_go_well_is_not_learned():
    assert paths(("/broken", 20, 9, 17, 0), ("/fine", 2, 1, 2, 0), ("/gone", 5, 1, 0, 0)) == ["/fine"]


def test_likes_and_assets_leave_room_for_others():
    articles = [("/article/%d" % number, 90 - number, 9, 90, 0) for number in range(9)]
    assets = [("/f%d/a.css" % number, 99, 9, 99, 0) for number in range(9)]
    chosen = paths(*articles, *assets, ("/contact", 3, 1, 3, 0))
    assert "/contact" in chosen
    assert sum(path.startswith("/article/") for path in chosen) == 3
    assert len(paths(*[("/?p=%d" % number, 5, 1, 5, 0) for number in range(9)])) == 3
    assert len(paths(*[("/%s" % name, 5, 1, 5, 0) for name in ("about", "prices", "contact", "imprint")])) == 4
    assert sum(path.endswith(".css") for path in chosen) == 1
    files = paths(*[("/a.%s" % ending, 9, 9, 9, 0) for ending in "css js png svg pdf txt xml".split()])
    assert len(files) == 5


def test_a_site_is_asked_for_a_few_pages_that_take_no_longer_than_agreed():
    assert len(paths(*[("/p%d/" % number, 5, 1, 5, 0) for number in range(99)])) == learned.PER_SITE
    assert paths(*[("/p%d/" % number, 5, 1, 5, 1.4) for number in range(9)]) == ["/p0/", "/p1/"]
    assert paths(("/slow", 9, 9, 9, 3.5), ("/fast", 1, 1, 1, 0)) == ["/fast"]


def test_what_the_truth_excludes_is_left_out():
    assert paths(("/dice", 9, 9, 9, 0), ("/a", 1, 1, 1, 0), exclude=["/dice"]) == ["/a"]


def test_many_sites_share_what_a_push_can_bear():
    sites = [[Learned("s%03d" % site, "/%d" % rank, 9, 1, 0.01) for rank in range(5)] for site in range(200)]
    chosen = limited(sites)
    assert len(chosen) == learned.IN_ALL
    assert {page.site for page in chosen} == {"s%03d" % site for site in range(200)}
    slow = limited([[replace(page, seconds=10.0) for page in pages] for pages in sites])
    assert len(slow) == 3


@pytest.fixture
def host(tmp_path):
    log = tmp_path / "var/log/apache2/access.log"
    log.parent.mkdir(parents=True)
    log.write_text("\n".join([line("/a"), line("/dice"), line("/b", vhost="shop.example")]) + "\n")
    return Host(paths=Paths(str(tmp_path)))


def manifest(**facts):
    return Manifest("web", (), {}, {"blog": {**FACTS, **facts}})


def test_pages_are_learned_from_the_hosts_own_log(host):
    pages = learn(host, manifest(), ["blog"])
    assert [(page.site, page.path, page.asked) for page in pages] == [("blog", "/a", 1)]
    asked = learned.probe(pages[0], manifest())
    assert (asked.host, asked.name, dict(asked.headers)) == ("blog.example", "learned /a", {"X-Forwarded-Proto": "https"})


@pytest.mark.parametrize("facts", [{"learn": None}, {"state": "maintenance"}, {"server_name": "other.example"}])
def test_sites_that_do_not_learn_are_not_asked(host, facts):
    assert learn(host, manifest(**facts), ["blog"]) == []


def test_a_release_of_an_older_compiler_learns_nothing(host):
    facts = {name: value for name, value in FACTS.items() if name != "learn"}
    assert learn(host, Manifest("web", (), {}, {"blog": facts}), ["blog"]) == []


def test_a_host_without_a_log_learns_nothing(tmp_path):
    assert learn(Host(paths=Paths(str(tmp_path))), manifest(), ["blog"]) == []
