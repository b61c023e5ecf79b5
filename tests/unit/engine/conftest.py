"""A host that is a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import web_tier
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.paths import Paths
from plugins.module_utils.evenkeel.store import Store
from tests.unit.engine.builders import Draft, Scripted, Standing
from tests.unit.engine.world import World


@pytest.fixture
def systemd() -> Scripted:
    return Scripted()


@pytest.fixture
def clock() -> Standing:
    return Standing()


@pytest.fixture
def host(tmp_path: Path, systemd: Scripted, clock: Standing) -> Host:
    (tmp_path / "host/etc/evenkeel").mkdir(parents=True)
    (tmp_path / "host/var/lib/evenkeel").mkdir(parents=True)
    return Host(paths=Paths(str(tmp_path / "host")), programs=systemd, clock=clock)


@pytest.fixture
def store(host: Host) -> Store:
    return Store(host)


@pytest.fixture
def two_sites() -> Draft:
    return Draft().site("blog").site("shop").settings("blog", "config.txt", b"colour=blue\n")


@pytest.fixture
def world(host: Host, monkeypatch: pytest.MonkeyPatch) -> World:
    """Its Apache is what the test says of it."""
    found = World(host)
    monkeypatch.setattr(web_tier, "await_release", lambda host, release: found.late)
    monkeypatch.setattr(web_tier, "verify", lambda host, release, sites, known: found.seen(release.id, known))
    return found
