"""How a balancer follows a flip: by signals, and by nothing that could say no."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from plugins.module_utils.evenkeel import edge_tier
from plugins.module_utils.evenkeel.edge_tier import HAPROXY, KEEPALIVED, KEEPALIVED_CONF, EdgeTier
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.paths import Paths
from plugins.module_utils.evenkeel.plan import plan
from plugins.module_utils.evenkeel.services import Services
from tests.templates.builders import static_site

from .builders import BALANCERS, compiled, on_disk


class Told:
    """Services that write down what they are told. `stuck` does not follow a signal."""

    def __init__(self, stuck: str = "") -> None:
        self.said: list[tuple[str, ...]] = []
        self._stuck = stuck

    def signal(self, unit: str, name: str) -> str | None:
        self.said.append((unit, name))
        return f"{unit} does not follow" if unit == self._stuck else None

    def start(self, unit: str) -> str | None:
        self.said.append((unit, "restart"))
        return None


def follow(tmp_path: Path, told: Told, insist: bool = False, **changes: Any) -> list[str]:
    """What the tier reports after a flip from one site to two, or to `changes`."""
    old = on_disk(tmp_path, compiled(static_site("docs")))
    new = on_disk(tmp_path, compiled(static_site("docs"), static_site("more"), **changes))
    tier = EdgeTier(Host(paths=Paths(str(tmp_path))), cast(Services, told))
    return tier.follow(old.manifest, new.manifest, plan(old, new), insist)


def test_haproxy_is_signalled_and_keepalived_left_alone_when_its_file_is_the_same(tmp_path: Path) -> None:
    told = Told()
    assert follow(tmp_path, told) == []
    assert told.said == [(HAPROXY, "SIGUSR2")]


def test_keepalived_follows_its_own_file(tmp_path: Path) -> None:
    told = Told()
    assert follow(tmp_path, told, balancers=BALANCERS[:1]) == []
    assert told.said == [(HAPROXY, "SIGUSR2"), (KEEPALIVED, "SIGHUP")]


@pytest.mark.parametrize(("insist", "restarted"), [(False, False), (True, True)])
def test_only_a_revert_restarts_what_does_not_follow(tmp_path: Path, insist: bool, restarted: bool) -> None:
    told = Told(stuck=HAPROXY)
    assert (follow(tmp_path, told, insist) == []) is restarted
    assert ((HAPROXY, "restart") in told.said) is restarted


def test_all_units_of_a_balancer_are_needed(tmp_path: Path) -> None:
    manifest = on_disk(tmp_path, compiled(static_site())).manifest
    assert EdgeTier(Host(), cast(Services, Told())).needed_units(manifest) == [HAPROXY, KEEPALIVED]
    assert KEEPALIVED_CONF in manifest.files and edge_tier.HAPROXY_CFG in manifest.files
