"""What visitors ask for must look as it does now: a page that breaks is told, one that lives is not."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel import learned, replay
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.likeness import differences
from plugins.module_utils.evenkeel.manifest import FileEntry, Manifest
from plugins.module_utils.evenkeel.plan import Change
from plugins.module_utils.evenkeel.probe import REFUSED, TIMEOUT, Answer, Expect, Probe
from plugins.module_utils.evenkeel.release import Release
from plugins.module_utils.evenkeel.replay import Asked, judge

PROBE = Probe("blog", "learned /a", "blog.example", "/a", Expect(()))


def page(status=200, title="About", body="x" * 900, media="text/html", site="blog", **headers):
    text = "<html><title>%s</title>%s</html>" % (title, body)
    return Answer(status, {"evenkeel-site": site, "content-type": media, **headers}, text.encode())


def what(live, other):
    return [each[0] for each in differences(live, other)]


@pytest.mark.parametrize(
    ("other", "aspect"),
    [
        (page(500), "status"),
        (page(404), "status"),
        (page(302, location="/install.php"), "status"),
        (Answer(error=TIMEOUT), "status"),
        (page(site="shop"), "site"),
        (page(media="text/plain"), "type"),
        (page(body="<?php echo 1;" + "x" * 890), "source"),
        (page(title="Index of /a"), "title"),
        (page(body="x" * 2200), "length"),
        (page(body="x" * 100), "length"),
    ],
)
def test_what_makes_a_page_look_different(other, aspect):
    assert what(page(), other)[:1] == [aspect]


@pytest.mark.parametrize(
    "other", [page(206), page(body="y" * 1300), page(title=" &#65;bout\n"), page(media="text/HTML; charset=x")]
)
def test_what_does_not(other):
    assert what(page(), other) == []


def test_an_empty_page_is_shorter_than_any_other():
    tiny, empty = (Answer(200, {"evenkeel-site": "blog", "content-type": "text/html"}, body) for body in (b"ok", b""))
    assert what(tiny, empty) == ["length"]
    assert what(empty, tiny) == []


def test_a_character_set_may_come_and_not_go():
    plain, german = page(), page(media='text/html; Charset="ISO-8859-1"')
    assert what(plain, german) == []
    assert what(german, page(media="text/html;charset=iso-8859-1")) == []
    assert what(german, plain) == what(german, page(media="text/html; charset=utf-8")) == ["type"]


def test_a_redirect_must_lead_where_it_led():
    there, elsewhere = (page(301, location=where) for where in ("/new?x=1", "/install.php"))
    assert what(there, page(301, location="/new?x=2")) == []
    assert what(there, elsewhere) == ["location"]


class Says:
    """A server that answers each path with the next of its answers, the last one again and again."""

    def __init__(self, **paths):
        self.paths = {"/" + name.replace("front", ""): list(answers) for name, answers in paths.items()}

    def ask(self, probes):
        return [said.pop(0) if len(said) > 1 else said[0] for said in (self.paths[probe.path] for probe in probes)]


def verdict(live, twin):
    """The guards' word after two answers of each, and an unchanged front page."""
    asked = [Asked(PROBE, live[0], twin[0])]
    front = [page(title="Home")]
    return judge(asked, Says(a=[twin[1]], front=front), Says(a=[live[1]], front=front), "0123456789ab")


def test_a_page_that_breaks_is_told_with_what_it_was():
    found = verdict([page(), page()], [page(500), page(500)]).failures
    assert [failure.line() for failure in found] == [
        "blog.example/a answered 500, wanted 200, as release 0123456789ab answers visitors"
    ]
    assert (found[0].guard, found[0].probe, found[0].site) == ("learned", "learned /a", "blog")


@pytest.mark.parametrize(
    ("live", "twin"),
    [
        ([page(title="3 visitors"), page(title="5 visitors")], [page(title="4 visitors"), page(title="6 visitors")]),
        ([page(), page(503)], [page(503), page(503)]),
        ([page(), Answer(error=TIMEOUT)], [page(500), page(500)]),
        ([page(body="x" * 400), page(body="x" * 1900)], [page(body="x" * 1900), page(body="x" * 4900)]),
        ([page(), page()], [page(500), page()]),
    ],
)
def test_what_differs_by_itself_or_only_once_says_nothing(live, twin):
    found = verdict(live, twin)
    assert (found.failures, found.unstable) == ((), ("blog.example/a",))


def test_what_is_unstable_in_one_respect_is_held_to_the_others():
    live = [page(title="3 visitors"), page(title="4 visitors")]
    assert verdict(live, [page(500, title="x"), page(500, title="y")]).failures[0].got == "answered 500"


def test_a_site_that_gets_a_new_name_is_not_refused_for_it():
    asked = [Asked(PROBE, page(title="About - Old"), page(title="About - New"))]
    now, twin = (Says(a=[page(title="About - " + name)], front=[page(title=name)]) for name in ("Old", "New"))
    assert judge(asked, twin, now, "x").failures == ()


def test_a_new_name_excuses_no_page_that_broke_otherwise():
    asked = [Asked(PROBE, page(title="About - Old"), page(title="About - New", body=""))]
    now, twin = (
        Says(a=[page(title="About - " + name, body=body)], front=[page(title=name)])
        for name, body in (("Old", "x" * 900), ("New", ""))
    )
    (failure,) = judge(asked, twin, now, "x").failures
    assert failure.got.endswith(" bytes")


def test_one_title_on_every_page_is_an_error_page():
    asked = [Asked(PROBE, page(title="About - Old"), page(title="Database error"))]
    now = Says(a=[page(title="About - Old")], front=[page(title="Old")])
    twin = Says(a=[page(title="Database error")], front=[page(title="Database error")])
    assert len(judge(asked, twin, now, "x").failures) == 1


CHANGE = Change((), ("blog",), (), (), (), (), (), ("blog",))


class Server:
    """Both live and twin of a comparison: counts what it is asked."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def ask(self, probes):
        self.asked += [probe.path for probe in probes]
        return [self.answer for _ in probes]


def release(name, manifest, probes=(), files=(), **facts):
    sites = {"blog": {**manifest.sites["blog"], "learn": {"exclude": []}, **facts}}
    entries = {path: FileEntry(sha256, "0644", "root", "blog", False) for path, sha256 in dict(files).items()}
    changed = Manifest(manifest.pool, manifest.php_versions, entries, sites)
    return Release(name, "/x", changed, {"blog": list(probes)})


@pytest.fixture
def compare(manifest, monkeypatch):
    def run(twin_answer, live_answer=None, before=None, after=None, failed=(), probes=()):
        now, twin = Server(live_answer or page()), Server(twin_answer)
        monkeypatch.setattr(replay, "Prober", lambda *where, **more: now)
        pages = [learned.Learned("blog", "/a", 9, 3, 0.01)]
        monkeypatch.setattr(learned, "learn", lambda host, manifest, sites: [each for each in pages if each.site in sites])
        live, candidate = release("old", manifest, **(before or {})), release("new", manifest, probes, **(after or {}))
        return replay.compare(Host(), live, candidate, CHANGE, twin, failed), now.asked

    return run


def test_a_learned_page_that_breaks_is_a_failure_of_its_site(compare):
    found, _ = compare(page(500))
    assert [(failure.site, failure.status) for failure in found.failures] == [("blog", 500)]
    assert len(found.pairs) == 1


@pytest.mark.parametrize("live", [page(500), page(404), page(site="default"), Answer(error=TIMEOUT)])
def test_what_live_does_not_answer_well_is_nobodys_regression(compare, live):
    found, _ = compare(page(500), live)
    assert (found.failures, found.pairs) == ((), ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"learn": None}),
        ({}, {"state": "maintenance"}),
        ({}, {"server_name": "new.example"}),
        ({"kind": "static"}, {}),
        ({"learn": {"exclude": ["/a"]}}, {}),
        ({"files": {"settings/blog/a": "1"}}, {"files": {"settings/blog/a": "2"}}),
        ({"files": {"settings/blog/a": "1"}}, {}),
    ],
)
def test_what_the_truth_means_to_change_is_not_asked(compare, before, after):
    assert compare(page(500), before=before, after=after)[1] == []


def test_a_page_that_moved_to_tls_on_the_same_server_is_asked_there(compare, monkeypatch):
    """As its visitors were sent; where nothing listens, the redirect itself is what they get."""
    moved = page(301, location="https://blog.example/a")

    def plain_or_not(self, probes):
        self.asked += ["%s %s" % (probe.path, probe.tls) for probe in probes]
        return [self.answer if probe.tls else moved for probe in probes]

    monkeypatch.setattr(Server, "ask", plain_or_not)
    found, asked = compare(page(500))
    assert (asked, found.failures[0].got) == (["/a False", "/a True", "/a True"], "answered 500")
    found, asked = compare(page(500), Answer(error=REFUSED))
    assert (asked, found.failures) == (["/a False", "/a True"], ())


def test_a_site_that_failed_already_is_not_asked_for_more(compare):
    assert compare(page(500), failed=["blog"])[1] == []


def test_a_page_whose_text_is_promised_is_left_to_its_probe(compare):
    promise = {"name": "a", "host": "blog.example", "path": "/a", "expect": {"status": [200], "contains": ["x"]}}
    assert compare(page(500), probes=[promise])[1] == []
    assert compare(page(500), probes=[{**promise, "expect": {"status": [200]}}])[1] == ["/a", "/a"]


def test_programs_that_change_are_asked_all_the_same(compare):
    files = ({"files": {"settings/blog/a.php": "1", "settings/blog/inc.php": version}} for version in "12")
    before, after = files
    assert compare(page(500), before=before, after=after)[1] == ["/a", "/a"]


def test_a_file_that_stands_for_its_folder_is_its_folder_rewritten(manifest):
    old = release(
        "old", manifest, files={"settings/blog/a/index.html": "1", "settings/blog/b.txt": "1", "settings/blog/c.txt": "1"}
    )
    new = release("new", manifest, files={"settings/blog/a/index.html": "2", "settings/blog/c.txt": "1"})
    assert replay._rewritten(old, new) == {("blog", "/a/index.html"), ("blog", "/a/"), ("blog", "/b.txt")}
