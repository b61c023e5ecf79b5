"""Who gets visitors: what HAProxy means to do is held to what the truth meant, and to what the live balancer sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import rotation
from plugins.module_utils.evenkeel.errors import InvalidRelease
from plugins.module_utils.evenkeel.haproxy import DRAIN, READY, ServerState
from plugins.module_utils.evenkeel.manifest import SERVERS
from plugins.module_utils.evenkeel.release import Release as Built
from plugins.module_utils.evenkeel.rotation import Meant
from tests.templates.builders import static_site

from .builders import compiled, text

WEB1 = Meant("web", "web1", "192.0.2.11", 80, False)
WELL = ServerState("web", "web1", READY, "UP", 0, 0, "L7OK", True, False, "192.0.2.11", 80, 100, False)


def told(found: ServerState, live: ServerState = WELL) -> list[str]:
    return [failure.got for failure in rotation.problems([WEB1], [found], [live])]


def test_a_server_as_it_was_meant_is_no_problem() -> None:
    assert told(WELL) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": 0}, "weight 0"),
        ({"backup": True}, "it is backup"),
        ({"port": 9009}, "visitors are sent to 192.0.2.11:9009"),
        ({"stopped_by_file": True}, "out of service"),
        ({"checked": False}, "nobody checks"),
        ({"check": "L7STS", "status": "DOWN"}, "fails its check (L7STS)"),
    ],
)
def test_a_server_that_is_treated_otherwise_is_told(change: dict[str, object], said: str) -> None:
    (got,) = told(replace(WELL, **change))
    assert said in got


def test_a_server_that_haproxy_does_not_know_is_told() -> None:
    assert [failure.got for failure in rotation.problems([WEB1], [], [])] == [
        "server web1 of pool web: HAProxy has no such server"
    ]


@pytest.mark.parametrize("live", [replace(WELL, check="L4CON"), replace(WELL, admin=DRAIN)])
def test_a_host_that_is_down_or_drained_is_no_fault_of_a_release(live: ServerState) -> None:
    down = replace(WELL, check="L4CON", status="DOWN")
    assert told(down, live) == []
    assert not rotation.waiting([WEB1], [down], [live])


def test_a_check_that_did_not_end_yet_is_waited_for() -> None:
    assert rotation.waiting([WEB1], [replace(WELL, check="INI")], [WELL])


def test_a_pool_that_nobody_serves_is_told() -> None:
    (failure,) = rotation.silent(["web", "shops"], [WELL])
    assert (failure.guard, failure.got) == (rotation.SILENT, "no host of pool shops passes its check (it has none)")


def test_a_release_says_who_was_meant(tmp_path: Path) -> None:
    release = compiled(static_site())
    (tmp_path / SERVERS).parent.mkdir()
    (tmp_path / SERVERS).write_text(text(release, SERVERS))
    built = Built(release.id, str(tmp_path), release.manifest, {})
    assert rotation.meant(built) == [WEB1, Meant("web", "backup1", "192.0.2.21", 8080, True)]
    (tmp_path / SERVERS).write_text("web web1\n")
    with pytest.raises(InvalidRelease, match="web web1"):
        rotation.meant(built)
