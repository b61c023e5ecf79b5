"""A candidate is asked everything, in portions; of a few sites that are late on a busy host it is asked again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from plugins.module_utils.evenkeel import examine as examining
from plugins.module_utils.evenkeel.examine import examine, patiently
from plugins.module_utils.evenkeel.manifest import Manifest
from plugins.module_utils.evenkeel.probe import REFUSED, TIMEOUT, Answer, Expect, Probe
from plugins.module_utils.evenkeel.prober import Prober
from plugins.module_utils.evenkeel.release import Release

RELEASE = "0" * 12
WELL = Answer(200, {"evenkeel-release": RELEASE})


class Twin(Prober):
    """Answers well, but for what a test says of its first questions."""

    def __init__(self, first: Answer = WELL) -> None:
        super().__init__(1)
        self.first = first
        self.asked: list[int] = []

    def anew(self) -> Prober:
        return Twin()

    def ask(self, probes: Sequence[Probe]) -> list[Answer]:
        self.asked.append(len(probes))
        return [self.first for _ in probes]


def release(sites: int, live: bool = False) -> Release:
    names = ["site%d" % number for number in range(sites)]
    pages = [{"name": path, "host": "x.example", "path": path, "expect": {"status": [200]}} for path in ("/", "/about")]
    manifest = Manifest("web", (), {}, {name: {} for name in names} if live else {})
    return Release(RELEASE, "", manifest, dict.fromkeys(names, pages))


def probes(sites: int) -> list[Probe]:
    return [Probe("site%d" % (number // 2), str(number), "x.example", "/", Expect((200,))) for number in range(2 * sites)]


def test_all_sites_are_asked_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "PORTION", 3)
    twin, candidate = Twin(), release(7)
    found = examine(twin, release(0), candidate, list(candidate.probes))
    assert (twin.asked, found.probes, found.failures, found.ended) == ([6, 6, 2], 14, [], False)


def test_only_what_live_can_be_compared_with_is_kept() -> None:
    candidate = release(3)
    assert not examine(Twin(), release(0), candidate, list(candidate.probes)).pairs
    assert len(examine(Twin(), release(2, live=True), candidate, list(candidate.probes)).pairs) == 4


def test_failures_of_every_portion_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "PORTION", 1)
    candidate = release(2)
    failures = examine(Twin(Answer(500)), release(0), candidate, list(candidate.probes)).failures
    assert [failure.site for failure in failures] == ["site0", "site0", "site1", "site1"]


def test_a_twin_that_ended_is_asked_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "PORTION", 1)
    twin, candidate = Twin(Answer(error=REFUSED)), release(5)
    assert examine(twin, release(0), candidate, list(candidate.probes)).ended
    assert twin.asked == [2]


def test_a_few_sites_that_are_late_are_asked_again() -> None:
    assert patiently(Twin(Answer(error=TIMEOUT)), probes(8)) == [WELL] * 16


def test_many_sites_that_are_late_are_not() -> None:
    assert {answer.error for answer in patiently(Twin(Answer(error=TIMEOUT)), probes(9))} == {TIMEOUT}
