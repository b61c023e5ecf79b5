"""A tenth of the faults on real hosts: the bad ones are refused, the harmless ones published, and no visitor notices."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import collection
from tests.faults.collection import Choice
from tests.faults.result import Result
from tests.faults.runner import Runner
from tests.hosts import bed

pytestmark = pytest.mark.hosts
HOSTS, BALANCER = ["f-test1", "f-test2"], "f-testedge"
SEEN = "abcdfz"  # class e is a share, not a promise for each


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Result]]:
    folder: Path = tmp_path_factory.mktemp("faults")
    faults = [fault for fault in Choice(tenth=True).of(collection.load()) if fault.kind in SEEN]
    try:
        yield {result.id: result for result in Runner(folder, HOSTS, BALANCER, lambda result: None).run(faults)}
    finally:
        if not os.environ.get("EVENKEEL_KEEP"):
            bed.down(*HOSTS, BALANCER)


def test_every_bad_change_is_refused(results: dict[str, Result]) -> None:
    assert {one.id: one.message for one in results.values() if one.kind != "z" and not one.refused} == {}


def test_every_harmless_change_is_published(results: dict[str, Result]) -> None:
    assert {one.id: one.message for one in results.values() if one.kind == "z" and one.outcome != "live"} == {}


def test_no_visitor_loses_a_request(results: dict[str, Result]) -> None:
    assert {one.id: one.lost_requests for one in results.values() if one.lost_requests} == {}
    assert all(one.requests for one in results.values() if one.outcome == "rejected")


def test_causes_are_named(results: dict[str, Result]) -> None:
    refused = [one for one in results.values() if one.refused]
    assert sum(one.named_cause for one in refused) >= 0.9 * len(refused)
