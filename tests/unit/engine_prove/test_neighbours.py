"""What live keeps from visitors stays kept, whoever thought of a probe for it."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.neighbours import choose, judge, look, same_promises
from plugins.module_utils.evenkeel.probe import Answer, Expect, Probe
from plugins.module_utils.evenkeel.release import Release

PROBE = Probe("blog", "file /data/x.json", "blog.example", "/data/x.json", Expect((200,)))


def answer(status, body=b"", media="application/json", site="blog"):
    return Answer(status, {"evenkeel-site": site, "content-type": media}, body)


def guard(live, twin):
    failure = judge(PROBE, live, twin, "0123456789ab")
    return None if failure is None else failure.guard


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_file_that_live_denies_must_not_be_shown(status):
    assert guard(answer(status), answer(200)) == "exposure"


def test_a_file_that_live_shows_must_not_be_lost():
    assert guard(answer(200), answer(404)) == "status"


def test_a_file_keeps_its_type():
    assert guard(answer(200, media="text/css"), answer(200, media="")) == "content_type"
    assert guard(answer(200, media="text/javascript"), answer(200, media="application/javascript; charset=x")) is None


def test_source_that_runs_on_live_must_not_be_text():
    assert guard(answer(200), answer(200, b"<?php echo 1;")) == "lacks"


@pytest.mark.parametrize(
    ("live", "twin"),
    [
        (answer(404), answer(403)),
        (answer(500), answer(200)),
        (answer(200), answer(200)),
        (Answer(error="timeout"), answer(200)),
        (answer(404, site="default"), answer(200)),
    ],
)
def test_nothing_worse_is_no_failure(live, twin):
    assert guard(live, twin) is None


def release(*probes):
    return Release("", "", None, {"blog": [{"name": name, "expect": expect} for name, expect in probes]})


def test_a_new_promise_takes_no_old_one_back():
    old, front = ("front page", {"status": [401]}), ("front page", {"status": [200]})
    assert same_promises(release(old), release(old, ("news", {"status": [200]})), "blog")
    assert not same_promises(release(old), release(front), "blog")


def test_risky_files_come_first_and_likes_are_asked_once(tmp_path):
    assets = ("a.css", "b.css", "img/x.png", "down/a.pdf")
    for name in (*assets, ".env", "index.php.bak", "cron/run.php", "uploads/run.php", "index.php"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    chosen = [each.path for each in choose(look(str(tmp_path)))]
    assert chosen[:3] == [".env", "index.php.bak", "uploads/run.php"]
    assert "down/" in chosen
    assert "a.css" in chosen and "b.css" not in chosen
    assert not {"cron/run.php", "index.php"} & set(chosen)


def test_links_to_folders_are_not_followed(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [each.path for each in look(str(tmp_path))] == ["loop"]


def test_a_document_root_that_is_missing_holds_nothing(tmp_path):
    assert look(str(tmp_path / "none")) == []
