"""A host that is asked through a balancer, by a prober that answers as told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from plugins.module_utils import edge_path
from plugins.module_utils.evenkeel.manifest import Manifest
from plugins.module_utils.evenkeel.probe import Answer, Probe
from plugins.module_utils.evenkeel.release import Release
from tests.unit.engine.builders import Standing

PAGE = {"name": "https", "host": "blog.example", "path": "/", "tls": True, "expect": {"status": [200], "site": "blog"}}
OUR_OWN = {"name": "http", "host": "blog.example", "path": "/", "expect": {"status": [301]}}
BALANCER = Release("e" * 12, "", Manifest("edge", (), {}, {}, "edge"), {"blog": [PAGE, OUR_OWN]})


class Fleet:
    """Answers by the server that a probe chooses; `visitors` is what a probe gets that chooses none."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[Probe] = []

    def ask(self, probes: Sequence[Probe]) -> list[Answer]:
        self.asked += probes
        return [self.answers[probe.headers.get("Evenkeel-Server", "visitors")] for probe in probes]


def answer(server: str, status: int = 200, release: str = "r1") -> Answer:
    return Answer(status, {"evenkeel-server": server, "evenkeel-site": "blog", "evenkeel-release": release})


def wrong(monkeypatch: pytest.MonkeyPatch, fleet: Fleet, release: str = "r1") -> list[str]:
    monkeypatch.setattr(edge_path, "prober", lambda *_: fleet)
    clock: Any = Standing()
    return [one.line() for one in edge_path.wrong_answers(BALANCER, "web3", ["blog"], release, clock, 0)]


def test_a_host_that_serves_is_fine_and_what_the_balancer_answers_itself_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(web3=answer("web3"), visitors=answer("web1"))
    assert wrong(monkeypatch, fleet) == []
    assert [(probe.name, probe.headers) for probe in fleet.asked] == [("https", {"Evenkeel-Server": "web3"})]


def test_an_answer_of_another_host_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(monkeypatch, Fleet(web3=answer("web1"), visitors=answer("web1")))
    assert len(found) == 1 and "web1 answered instead" in found[0]


def test_another_release_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    found = wrong(monkeypatch, Fleet(web3=answer("web3", release="r0"), visitors=answer("web1")))
    assert len(found) == 1 and "r0" in found[0]


def test_a_page_that_only_this_host_breaks_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(monkeypatch, Fleet(web3=answer("web3", 500), visitors=answer("web1")))


def test_a_page_that_is_broken_for_everybody_blocks_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(monkeypatch, Fleet(web3=answer("web3", 500), visitors=answer("web1", 500))) == []
