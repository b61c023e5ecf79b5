"""Forks inherit what they need: measured in a process of its own, where no other test has loaded anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
PROBE = """
import gc, json, sys
from ansible.plugins.loader import callback_loader, init_plugin_loader
init_plugin_loader([])
plugin = callback_loader.get("evenkeel_forks")
def seen():
    loaded = [name.split(".")[-1].rpartition("_")[0] for name in sys.modules if name.startswith("ansible.plugins.filter.")]
    return {"filters": loaded, "frozen": gc.get_freeze_count(), "ssh": "ansible.plugins.connection.ssh" in sys.modules}
before = seen()
%s
plugin.v2_playbook_on_start(None)
print(json.dumps([before, seen()]))
"""


def probe(extra: str = "") -> list[dict[str, object]]:
    """What is loaded before and after the callback heard of a playbook."""
    environment = {**os.environ, "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE % extra], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


def test_every_filter_is_loaded_before_the_first_fork() -> None:
    before, after = probe()
    own = {path.stem for path in (PROJECT / "plugins/filter").glob("*.py")}
    assert own and not own & set(before["filters"])  # type: ignore[call-overload]
    assert own <= set(after["filters"])  # type: ignore[call-overload]
    assert (before["ssh"], after["ssh"]) == (False, True)
    assert before["frozen"] == 0
    assert isinstance(after["frozen"], int) and after["frozen"] > 10_000


@pytest.mark.parametrize("loader", ["filter_loader", "connection_loader"])
def test_a_plugin_that_cannot_be_loaded_stops_no_run(loader: str) -> None:
    broken = f"import ansible.plugins.loader as it; it.{loader}.get = lambda *_, **__: 1 / 0"
    _, after = probe(broken)
    assert after["frozen"]
