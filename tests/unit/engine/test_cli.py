"""The command line: 0 well, 1 something is wrong and said in one paragraph, 2 wrong usage; JSON for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import cli, status
from tests.unit.engine.builders import Scripted
from tests.unit.engine.world import BROKEN, NEW, OLD, World

Captured = pytest.CaptureFixture[str]


def test_a_host_where_all_is_well_ends_with_0(world: World, capsys: Captured) -> None:
    assert cli.main(["status"], world.host) == 0
    assert capsys.readouterr().out.endswith("All is well.\n")


def test_a_pending_release_ends_with_1_and_what_to_type(world: World, capsys: Captured) -> None:
    world.be(NEW, OLD, "live")
    assert cli.main(["status"], world.host) == 1
    assert "`evenkeel confirm` keeps it" in capsys.readouterr().out


def test_a_service_that_is_down_ends_with_1_and_is_named(world: World, systemd: Scripted, capsys: Captured) -> None:
    systemd.says("systemctl --no-pager is-active", 3, "failed\nactive\nactive\n")
    assert cli.main(["status"], world.host) == 1
    assert "down         php8.2-fpm.service" in capsys.readouterr().out


def test_an_edit_by_hand_ends_with_1_and_is_named(world: World, capsys: Captured) -> None:
    (Path(world.host.paths.release(world.ids[OLD])) / "apache2/sites/blog.conf").write_text("# by hand\n")
    assert cli.main(["status"], world.host) == 1
    assert "apache2/sites/blog.conf was edited by hand" in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["state.json", "journal.jsonl", "verdicts/0123456789ab.json"])
def test_a_damaged_file_does_not_stop_status(world: World, capsys: Captured, damage: str) -> None:
    path = Path(world.host.paths.var) / damage
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\xff{")
    cli.main(["status", "--json"], world.host)
    assert json.loads(capsys.readouterr().out)["current"] == world.ids[OLD]


def test_a_revert_ends_with_0_and_says_where_the_host_is(world: World, capsys: Captured) -> None:
    world.be(NEW, OLD, "live")
    assert cli.main(["revert"], world.host) == 0
    assert capsys.readouterr().out == "Release %s is live, and answers.\n" % world.ids[OLD]


def test_a_revert_that_leaves_wrong_answers_ends_with_1(world: World, capsys: Captured) -> None:
    world.be(NEW, OLD, "live")
    world.wrong[world.ids[OLD]] = [BROKEN]
    assert cli.main(["revert"], world.host) == 1
    assert "answered 500, wanted 200" in capsys.readouterr().out


def test_a_revert_to_a_named_release_makes_it_known_good(world: World) -> None:
    assert cli.main(["revert", world.ids[NEW]], world.host) == 0
    assert (world.current, world.known_good) == (NEW, NEW)


def test_a_refusal_is_one_paragraph_without_a_traceback(world: World, capsys: Captured) -> None:
    assert cli.main(["revert", "0123456789ab"], world.host) == 1
    captured = capsys.readouterr()
    assert captured.out == "release 0123456789ab is not on this host; see `evenkeel releases`\n"
    assert captured.err == ""


def test_machines_get_one_document_also_of_a_refusal(world: World, capsys: Captured) -> None:
    assert cli.main(["revert", "0123456789ab", "--json"], world.host) == 1
    assert "0123456789ab" in json.loads(capsys.readouterr().out)["error"]


def test_confirming_nothing_is_well(world: World, capsys: Captured) -> None:
    assert cli.main(["confirm"], world.host) == 0
    assert capsys.readouterr().out == "Nothing waits for confirmation.\n"


def test_confirming_keeps_the_pending_release(world: World) -> None:
    world.be(NEW, OLD, "live")
    assert cli.main(["confirm"], world.host) == 0
    assert world.known_good == NEW


def test_verify_tells_every_wrong_answer(world: World, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "wrong_answers", lambda host: [BROKEN.line()])
    assert cli.main(["verify"], world.host) == 1
    assert "blog.example/ answered 500, wanted 200" in capsys.readouterr().out
    monkeypatch.setattr(status, "wrong_answers", lambda host: [])
    assert cli.main(["verify"], world.host) == 0


def test_releases_are_listed_with_what_they_are(world: World, capsys: Captured) -> None:
    assert cli.main(["releases"], world.host) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(world.ids[OLD]))
    assert line.endswith("current, known good")


def test_the_units_of_a_host_without_releases_have_nothing_to_do(world: World) -> None:
    world.be(None, None)
    assert cli.main(["deadline"], world.host) == 0
    assert cli.main(["recover"], world.host) == 0


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["revert", "a", "b"], ["status", "--yaml"]])
def test_wrong_usage_ends_with_2(world: World, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments, world.host)
    assert ended.value.code == 2
