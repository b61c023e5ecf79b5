"""Nobody is there to confirm: the host goes back by itself, and the next push is as good as any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.hosts.fleet import Truth, Visitors, get, kill, status, wait_until

HOST = "bookworm1"


def version() -> str:
    return get(HOST, "brochure", "/version.txt").text.strip()


def test_a_controller_that_dies_after_the_flip_costs_no_request(tmp_path: Path, host: Any) -> None:
    before = status(host)["current"]
    truth = Truth(tmp_path).write("brochure/settings/version.txt", "version 4\n")
    with Visitors(HOST) as visitors:
        controller = truth.dying_controller("--extra-vars", "deadline_s=10")
        assert wait_until(lambda: version() == "version 4", 60), "it never went live"
        kill(controller)
        assert wait_until(lambda: version() == "version 1", 40), "the host did not go back"
        assert wait_until(lambda: status(host)["pending"] is None, 20)
    after = status(host)
    assert (after["current"], after["confirmed"]) == (before, True)
    assert visitors.failed == []


def test_the_journal_says_why(host: Any) -> None:
    events = [(event["event"], event["message"]) for event in status(host)["journal"]]
    assert events[-1][0] == "reverted"
    assert "nobody confirmed" in events[-1][1]


def test_the_same_push_succeeds_afterwards(tmp_path: Path) -> None:
    truth = Truth(tmp_path).write("brochure/settings/version.txt", "version 4\n")
    push = truth.push()
    assert push.code == 0, push.text
    assert version() == "version 4"


def test_a_rollback_brings_the_first_version_again(tmp_path: Path) -> None:
    push = Truth(tmp_path).push()
    assert push.code == 0, push.text
    assert version() == "version 1"
