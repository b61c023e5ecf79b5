"""What monitoring is told about a host."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel import cli, journal, metrics, metrics_file
from plugins.module_utils.evenkeel.absence import Absence
from plugins.module_utils.evenkeel.claim import Claim
from plugins.module_utils.evenkeel.journal import Author
from plugins.module_utils.evenkeel.last_rollout import LastRollout
from plugins.module_utils.evenkeel.metrics import Drift, Facts, Workers
from tests.unit.engine.world import World

ROLLOUT = LastRollout("r7", "anna", "abc-dirty", "0123456789ab", "published", 1700000000.0, ("blog", "shop"), 2)
HOSTILE = ['a"b', "a\\b", "a\nb", 'x"} 1\nevenkeel_confirmed 1', "\ud800", "\x00\x7f\x85\u2028", "\\" * 300, "é" * 300]
# the format's own grammar: name, labels in quotes with escapes, a number
LINE = re.compile(r'[a-z_]+(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? -?[0-9.]+\Z')


def samples(text: str) -> list[str]:
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def test_a_host_tells_its_release_and_who_changed_it() -> None:
    told = metrics.text(
        Facts(now=5.5, release="0123456789ab", known_good="0123456789ab", tier="web", pool="web", confirmed=True, rollout=ROLLOUT)
    )
    assert samples(told) == [
        'evenkeel_release_info{tier="web",pool="web",release="0123456789ab"} 1',
        'evenkeel_known_good_info{release="0123456789ab"} 1',
        "evenkeel_confirmed 1",
        "evenkeel_deadline_timestamp_seconds 0",
        'evenkeel_rollout_info{rollout="r7",actor="anna",commit="abc-dirty",outcome="published",release="0123456789ab",'
        'sites="blog, shop"} 1',
        "evenkeel_rollout_timestamp_seconds 1700000000",
        "evenkeel_rollout_sites 2",
        "evenkeel_rejected_timestamp_seconds 0",
        "evenkeel_metrics_timestamp_seconds 5.500",
    ]


def test_a_balancer_tells_who_gets_no_visitors() -> None:
    absent = {"web2": Absence("drain", "its disk is replaced", "", 1.0)}
    told = samples(metrics.text(Facts(now=1.0, absences=absent, claim=Claim("r7", "anna", 1.0, 2.0), failed_over=("web",))))
    assert 'evenkeel_absence{server="web2",reason="its disk is replaced"} 1' in told
    assert 'evenkeel_claim_info{rollout="r7",owner="anna"} 1' in told
    assert 'evenkeel_failed_over{pool="web"} 1' in told


def test_drift_and_workers_are_told_where_they_are_known() -> None:
    facts = Facts(
        now=1.0, drift=Drift(9.0, {"changed": 2, "link": 0}), workers=(Workers("8.2", "blog", 3, 5), Workers("8.2", "x", 1, 0))
    )
    told = samples(metrics.text(facts))
    assert 'evenkeel_drift{kind="changed"} 2' in told and 'evenkeel_drift{kind="link"} 0' in told
    assert "evenkeel_drift_timestamp_seconds 9" in told
    assert 'evenkeel_php_workers{version="8.2",pool="blog"} 3' in told
    assert 'evenkeel_php_workers_max{version="8.2",pool="blog"} 5' in told
    assert not [line for line in told if line.startswith('evenkeel_php_workers_max{version="8.2",pool="x"')]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_breaks_the_lines_of_others(value: str) -> None:
    rollout = LastRollout(value, value, value, value, "published", 1.0, (value,) * 5, 5)
    absent = {value: Absence("drain", value, "", 1.0)}
    facts = Facts(now=1.0, release="0123456789ab", pool=value, tier="web", rollout=rollout, absences=absent)
    told = samples(metrics.text(facts))
    assert len(told) == 9
    for line in told:
        assert LINE.match(line), line
        line.encode()
    assert not [line for line in told if line.startswith("evenkeel_confirmed 1")]


@pytest.mark.parametrize(
    "sites, touched, shown",
    [((), 0, ""), (("a",), 1, "a"), (tuple("abcde"), 5, "a, b, c, d, e"), (tuple("abcde"), 1000, "a, b, c, d, e and 995 more")],
)
def test_a_few_sites_are_named_and_the_others_are_counted(sites: tuple[str, ...], touched: int, shown: str) -> None:
    assert metrics.named(sites, touched) == shown


def test_the_number_of_series_does_not_grow_with_the_sites_of_a_rollout() -> None:
    few, many = (LastRollout("r", "a", "c", "0", "live", 1.0, tuple("abcde"), number) for number in (5, 5000))
    assert len(metrics.text(Facts(now=1.0, rollout=few))) + 40 > len(metrics.text(Facts(now=1.0, rollout=many)))


def watched(world: World) -> Path:
    folder = Path(world.host.paths.at(metrics_file.FOLDER))
    folder.mkdir(parents=True)
    return folder


def test_a_host_that_nobody_watches_writes_nothing(world: World) -> None:
    before = sorted(Path(world.host.paths.root).rglob("*"))
    assert metrics_file.write(world.host) is False
    assert sorted(Path(world.host.paths.root).rglob("*")) == before


def test_the_file_is_replaced_whole_and_nothing_is_left_beside_it(world: World) -> None:
    folder = watched(world)
    (folder / "evenkeel.prom").write_text("old")
    assert cli.main(["metrics"], world.host) == 0
    assert [path.name for path in folder.iterdir()] == ["evenkeel.prom"]
    told = (folder / "evenkeel.prom").read_text()
    assert 'evenkeel_release_info{tier="web",pool="web",release="%s"} 1' % os.readlink(world.host.paths.current)[-12:] in told
    assert (folder / "evenkeel.prom").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_keeps_the_old_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = watched(world)
    (folder / "evenkeel.prom").write_text("old")

    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", refuse)
    assert cli.main(["metrics"], world.host) == 1
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("evenkeel.prom", "old")]


def test_nothing_that_a_message_says_is_told(world: World) -> None:
    """Verdicts quote error logs, and these may quote anything."""
    folder = watched(world)
    author = Author("r7", "anna", "abc")
    for event in ("rejected", "armed", "live", "reverted"):
        journal.record(world.host, event, "0123456789ab", author, "password=geheim42", ["blog"])
    Path(world.host.paths.at("/var/lib/evenkeel/drift.json")).write_text(json.dumps({"at": 1.0, "kinds": {}, "diff": "geheim42"}))
    metrics_file.write(world.host)
    told = (folder / "evenkeel.prom").read_text()
    assert "geheim42" not in told
    assert 'sites="blog"' in told


@pytest.mark.parametrize("text", ["", "[]", "{", '{"at": 1}', '{"at": 1, "kinds": []}', '{"at": 1.5, "kinds": {"changed": "x"}}'])
def test_a_check_for_drift_that_cannot_be_read_is_none(world: World, text: str) -> None:
    Path(world.host.paths.at("/var/lib/evenkeel")).mkdir(parents=True, exist_ok=True)
    Path(world.host.paths.at("/var/lib/evenkeel/drift.json")).write_text(text)
    assert metrics_file.gather(world.host).drift is None


def test_a_release_whose_manifest_is_broken_is_still_named(world: World) -> None:
    current = os.path.join(world.host.paths.etc, os.readlink(world.host.paths.current))
    Path(current, "manifest.json").write_text("{")
    facts = metrics_file.gather(world.host)
    assert (facts.release, facts.pool) == (os.path.basename(current), "")
