"""What the watch may ask of a host after the confirm: to look, and to go one step back. Every other wish changes nothing."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel import claim, edited, journal, pages, status, watched, watched_visits, way_back
from plugins.module_utils.evenkeel.errors import EvenkeelError
from plugins.module_utils.evenkeel.http_request import AGENT
from plugins.module_utils.evenkeel.journal import Author
from plugins.module_utils.evenkeel.publisher import KEEP_S
from tests.unit.engine.world import BROKEN, NEW, OLD, World, draft

LINE = '192.0.2.9 - - [22/Nov/2026:23:00:00 +0000] "%s" %d 120 "-" "%s" %s %s 900\n'


def ask(world: World, **question: Any) -> dict[str, Any]:
    said = io.BytesIO()
    watched.serve(world.host, io.BytesIO(json.dumps(question).encode() + b"\n"), said)
    answer: dict[str, Any] = json.loads(said.getvalue())
    return answer


def publish(world: World, rollout: str = "r1") -> None:
    """OLD was trusted, then NEW was confirmed."""
    journal.record(world.host, "confirmed", world.ids[OLD], Author("r0"))
    for event in ("armed", "live", "confirmed"):
        journal.record(world.host, event, world.ids[NEW], Author(rollout))
    world.be(NEW, NEW)


def log(world: World, *lines: str) -> None:
    path = Path(world.host.paths.at("/var/log/apache2/access.log"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines))


def test_a_look_tells_how_visitors_fare_on_both_releases(world: World) -> None:
    publish(world)
    old, new = world.ids[OLD], world.ids[NEW]
    well = LINE % ("GET / HTTP/1.1", 200, "Firefox", "blog.example", old)
    ours = LINE % ("GET / HTTP/1.1", 500, "Mozilla/5.0 (compatible; links) Evenkeel", "blog.example", new)
    log(world, well, well, LINE % ("GET /?again HTTP/1.1", 500, "Firefox", "blog.example", new), ours)
    found = ask(world, ask="look")
    assert (found["rollout"], found["release"], found["previous"]) == ("r1", new, old)
    assert found["touched"] == ["blog", "shop"]
    assert (found["before"], found["after"]) == ({"blog": [2, 0]}, {"blog": [1, 1]})


def test_a_host_that_is_elsewhere_by_now_has_nothing_to_watch(world: World) -> None:
    publish(world)
    world.be(OLD, OLD)
    assert ask(world, ask="look") == {"rollout": ""}


def test_going_back_leads_to_what_was_trusted_before_and_is_written_down(world: World) -> None:
    publish(world)
    assert ask(world, ask="back", rollout="r1", why="blog broke")["outcome"] == "reverted"
    assert (world.current, world.known_good) == (OLD, OLD)
    last = journal.read(world.host, 1)[0]
    assert (last["event"], last["rollout"], last["actor"], last["message"]) == ("reverted", "r1", "the watch", "blog broke")


def test_asked_once_more_it_stays_where_it_is(world: World) -> None:
    publish(world)
    ask(world, ask="back", rollout="r1", why="blog broke")
    assert ask(world, ask="back", rollout="r1", why="blog broke")["outcome"] == "unchanged"
    assert world.current == OLD


def test_the_release_before_is_kept_however_old_it_is(world: World) -> None:
    rejected = world.stage(draft("3"))
    publish(world)
    world.host.clock.sleep(KEEP_S + 1)
    assert world.engine().prune(keep=0) == [rejected]
    assert world.store.has(world.ids[OLD])


def test_a_revert_that_answers_wrong_is_told_and_the_old_release_is_not_called_good(world: World) -> None:
    publish(world)
    world.wrong[world.ids[OLD]] = [BROKEN]
    found = ask(world, ask="back", rollout="r1", why="blog broke")
    assert found["outcome"] == "revert_failed"
    assert "answered 500" in found["message"]
    assert world.known_good == NEW


def test_a_rollout_that_is_not_the_last_one_here_is_not_taken_back(world: World) -> None:
    publish(world)
    assert "not what was confirmed here last" in ask(world, ask="back", rollout="r0", why="")["error"]
    assert world.current == NEW


def test_a_host_that_another_rollout_works_on_is_left_alone(world: World) -> None:
    publish(world)
    claim.take(world.host, "r2", "anna", 60)
    assert "rollout r2 of anna is under way" in ask(world, ask="back", rollout="r1", why="")["error"]
    assert world.current == NEW


def test_a_pending_release_is_left_alone(world: World) -> None:
    publish(world)
    world.be(NEW, OLD, "live")
    assert "nothing was changed" in ask(world, ask="back", rollout="r1", why="")["error"]
    assert world.current == NEW


def test_a_rollout_of_yesterday_is_not_taken_back(world: World) -> None:
    publish(world)
    world.host.clock.sleep(watched.LONGEST_S + 2)
    assert "more than a day ago" in ask(world, ask="back", rollout="r1", why="")["error"]
    assert world.current == NEW


@pytest.mark.parametrize("question", [{"ask": "revert"}, {"ask": "back", "rollout": "../x"}, {"ask": ["look"]}, {}])
def test_no_other_wish_is_heard(world: World, question: dict[str, Any]) -> None:
    publish(world)
    assert "error" in ask(world, **question)
    assert world.current == NEW


def test_the_key_takes_no_claim_of_a_rollout(world: World) -> None:
    assert "no other claim" in ask(world, ask="rotate", rollout="r1", out=["web1"])["error"]


def test_a_regression_is_noted_once_and_shown_until_something_else_is_confirmed(world: World) -> None:
    publish(world)
    for seen in ("broke blog", "broke blog and shop"):  # two monitoring hosts
        ask(world, ask="note", rollout="r1", why=f"rollout r1 {seen}")
    assert [event["event"] for event in journal.read(world.host, 9)].count("regression") == 1
    assert status.gather(world.host)["regression"] == "rollout r1 broke blog"
    journal.record(world.host, "confirmed", world.ids[NEW], Author("r2"))
    assert status.gather(world.host)["regression"] == ""


def test_a_release_that_was_taken_back_stays_marked_until_it_is_confirmed_once_more(world: World) -> None:
    publish(world)
    ask(world, ask="note", rollout="r1", why="rollout r1 broke blog")
    ask(world, ask="back", rollout="r1", why="rollout r1 broke blog")
    assert regressed(world) == [NEW]
    assert not status.healthy(status.gather(world.host))
    journal.record(world.host, "confirmed", world.ids[OLD], Author("r2"))
    assert regressed(world) == [NEW]
    assert status.healthy(status.gather(world.host))
    journal.record(world.host, "confirmed", world.ids[NEW], Author("r3"))
    assert regressed(world) == []


@pytest.mark.parametrize(("asked", "over"), [(OLD, True), (NEW, False)])
def test_a_push_of_what_was_gone_back_to_ends_it_one_of_the_mistake_does_not(world: World, asked: str, over: bool) -> None:
    publish(world)
    ask(world, ask="note", rollout="r1", why="rollout r1 broke blog")
    ask(world, ask="back", rollout="r1", why="rollout r1 broke blog")
    with contextlib.suppress(EvenkeelError):  # here, nothing runs that could be proved
        world.engine("r2").proved(world.ids[asked], None, [], False)
    assert (status.gather(world.host)["regression"] == "") == over
    assert regressed(world) == [NEW]


def test_a_push_of_the_live_release_that_broke_sites_does_not_end_it(world: World) -> None:
    publish(world)
    ask(world, ask="note", rollout="r1", why="rollout r1 broke blog")
    assert world.engine("r2").proved(world.ids[NEW], None, [], False).outcome == "unchanged"
    assert status.gather(world.host)["regression"] == "rollout r1 broke blog"


def regressed(world: World) -> list[str]:
    return [world.names[one["id"]] for one in status.gather(world.host)["releases"] if one["verdict"] == "regressed"]


def test_a_release_confirmed_twice_is_no_step() -> None:
    events = [{"event": "confirmed", "release": "a"}, {"event": "confirmed", "release": "b", "rollout": "r1"}]
    events.append({"event": "confirmed", "release": "b", "rollout": "r2"})
    found = way_back.confirmed(events)
    assert found is not None
    assert (found.rollout, found.previous) == ("r1", "a")


def test_the_release_before_was_there_since_the_last_other_one_was_taken_back() -> None:
    events = [
        {"event": event, "release": release, "at": f"2026-01-01T00:00:{second:02}Z"}
        for second, (event, release) in enumerate(
            [
                ("confirmed", "a"),
                ("confirmed", "a"),
                ("confirmed", "b"),
                ("reverted", "a"),
                ("confirmed", "a"),
                ("confirmed", "c"),
            ]
        )
    ]
    for known, since in ((3, 0), (6, 3)):
        found = way_back.confirmed(events[:known])
        assert found is not None
        assert (found.previous, found.at - found.since) == ("a", known - 1 - since)


def test_the_first_rollout_of_a_host_has_no_way_back() -> None:
    events = [{"event": "genesis", "release": "a"}, {"event": "confirmed", "release": "b", "rollout": "r1"}]
    assert way_back.confirmed(events) is None


def test_a_request_written_in_anger_is_counted_by_its_own_status() -> None:
    angry = LINE % ('GET /\\" 200 120 \\" HTTP/1.1', 503, "x", "blog.example", "bbb")
    probe = LINE % ("GET / HTTP/1.1", 503, AGENT, "blog.example", "bbb")
    foreign = LINE % ("GET / HTTP/1.1", 503, "x", "other.example", "bbb")
    blocks = [(angry + probe + foreign + "torn line 503 bbb 1\n").encode()]
    assert watched_visits.Visits("ccc", "bbb").read(blocks, {"blog.example": "blog"}).before == {"blog": [1, 1]}


def requests(*lines: tuple[str, int, str]) -> list[int]:
    """How `blog` fares on `new` after these requests: page, status, release, the youngest last."""
    block = "".join(LINE % (f"GET {page} HTTP/1.1", status, "x", "blog.example", release) for page, status, release in lines)
    return watched_visits.Visits("new", "old").read([block.encode()], {"blog.example": "blog"}).after["blog"]


@pytest.mark.parametrize(
    ("before", "after", "failed"),
    [
        (("/cart", 200), ("/cart", 500), 1),
        (("/cart", 200), ("/cart?item=7", 503), 1),
        (("/order/17", 302), ("/order/18", 500), 1),
        (("/cart", 500), ("/cart", 500), 0),  # it was broken before
        (("/", 200), ("/old-script.php", 500), 0),  # nobody asked for it before: a scanner, perhaps
        (("/cart", 200), ("/cart", 404), 0),
    ],
)
def test_only_a_page_that_was_well_can_become_worse(before: tuple[str, int], after: tuple[str, int], failed: int) -> None:
    assert requests((*before, "old"), (*after, "new")) == [1, failed]


def test_without_a_line_of_the_release_before_nothing_counts_against_this_one() -> None:
    assert requests(("/", 200, "new"), ("/", 500, "new")) == [2, 0]


def test_a_scanner_cannot_fill_the_memory() -> None:
    visits = watched_visits.Visits("new", "old")
    lines = (LINE % (f"GET /{chr(97 + n % 26) * (n // 26 + 1)} HTTP/1.1", 500, "x", "blog.example", "new") for n in range(7000))
    visits.read([line.encode() for line in lines], {"blog.example": "blog"})
    assert visits.after["blog"] == [7000, 0]
    assert len(visits._doubtful) <= watched_visits._PAGES


def changed(world: World, since: float) -> list[str]:
    return edited.sites(world.host, world.store.load(world.ids[NEW]).manifest, ["blog", "shop"], since)


def test_a_program_that_somebody_changed_is_told_and_what_it_wrote_itself_is_not(world: World) -> None:
    root = Path(world.host.paths.at(world.store.load(world.ids[NEW]).manifest.sites["blog"]["document_root"]))
    (root / "cache").mkdir(parents=True, exist_ok=True)
    for written in ("photo.jpg", "cache/compiled.php"):
        (root / written).write_text("")
    (root / "settings.php").symlink_to("/etc/passwd")
    assert changed(world, since=0) == []
    (root / "functions.php").write_text("<?php")
    assert changed(world, since=time.time() - 60) == ["blog"]
    assert changed(world, since=time.time() + 60) == []


def test_a_look_asks_for_changes_of_sites_that_fail_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world)
    monkeypatch.setattr(edited, "sites", lambda host, manifest, wanted, since: list(wanted))
    old, new = world.ids[OLD], world.ids[NEW]
    log(world, *(LINE % ("GET / HTTP/1.1", status, "x", "blog.example", name) for status, name in ((200, old), (500, new))))
    log_of_shop = LINE % ("GET / HTTP/1.1", 200, "x", "shop.example", new)
    assert ask(world, ask="look")["edited"] == ["blog"]
    log(world, log_of_shop)
    assert ask(world, ask="look")["edited"] == []


def packed(**files: bytes) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    stream.seek(0)
    return stream


def test_pages_replace_those_before(world: World) -> None:
    folder = Path(world.host.paths.at(pages.FOLDER))
    folder.mkdir(parents=True)
    for text in (b"one", b"two", b"three"):
        pages.keep(world.host, packed(**{"index.html": text, f"site/{'a' * 32}.html": text}))
        assert (folder / "public/index.html").read_bytes() == text


@pytest.mark.parametrize("name", ["../index.html", "/etc/x.html", "site/../../x.html", "x.php", "site/a.html", ".htaccess"])
def test_what_is_no_page_leaves_the_old_ones(world: World, name: str) -> None:
    folder = Path(world.host.paths.at(pages.FOLDER))
    folder.mkdir(parents=True)
    pages.keep(world.host, packed(**{"index.html": b"old"}))
    for wrong in (packed(**{"index.html": b"new", name: b"x"}), packed(**{"other.html": b"x"}), io.BytesIO(b"garbage")):
        with pytest.raises(pages.PagesRefused):
            pages.keep(world.host, wrong)
    assert (folder / "public/index.html").read_bytes() == b"old"
