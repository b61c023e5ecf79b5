"""A balancer that is a folder and an HAProxy in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.paths import Paths
from tests.unit.engine.builders import Scripted, Standing


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "var/lib/evenkeel").mkdir(parents=True)
    (tmp_path / "run/haproxy").mkdir(parents=True)
    return Host(paths=Paths(str(tmp_path)), programs=Scripted(), clock=Standing())
