"""Forks inherit what they need: measured in a process of its own, where no other test has loaded anything."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play import Play
from ansible.plugins.loader import callback_loader, init_plugin_loader
from ansible.vars.manager import VariableManager

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


@functools.cache
def plugin() -> Any:
    init_plugin_loader([])
    return callback_loader.get("evenkeel_forks")


def found_in_play(folder: Path, files: list[str]) -> dict[str, Any]:
    """The variables of a play, with a file of them that was written anew after the callback heard of the play."""
    loader = DataLoader()
    loader.set_basedir(str(folder))
    play = Play.load({"name": "a play", "hosts": "all", "vars_files": files}, loader=loader)
    plugin().v2_playbook_on_play_start(play)
    (folder / "vars.yml").write_text("answer: from the second reading\n", encoding="utf-8")
    return dict(VariableManager(loader=loader).get_vars(play=play))


def test_files_of_variables_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "vars.yml").write_text("answer: from the first reading\n", encoding="utf-8")
    assert found_in_play(tmp_path, ["vars.yml"])["answer"] == "from the first reading"


def test_a_file_of_variables_that_is_not_there_yet_is_ansibles_to_tell(tmp_path: Path) -> None:
    assert found_in_play(tmp_path, ["{{ nobody }}.yml", "vars.yml"])["answer"] == "from the second reading"
