# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the record of rollouts: an append-only journal while a run goes on, and pages for people when it has ended."""

from __future__ import annotations

DOCUMENTATION = r"""
name: evenkeel_record
type: notification
short_description: Keeps a journal and a page of every run that changes the fleet
description:
  - Appends to C(record/<environment>/<rollout>/journal.jsonl) what every host did.
  - Makes C(index.html) of it beside the journal at the end of the run.
  - A run with C(--check), or one that changes nothing, leaves nothing.
  - A record that cannot be written is a warning of the run, never its failure.
options:
  record_dir:
    description: Folder of the record; a relative one is below the project.
    type: str
    default: record
    env:
      - name: EVENKEEL_RECORD_DIR
    ini:
      - section: callback_evenkeel_record
        key: record_dir
author: The Evenkeel contributors (@evenkeel)
"""

import functools
import getpass
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase

PROJECT = Path(__file__).resolve().parents[2]
sys.path.append(str(PROJECT))  # a plain project has no name by which a plugin could import

from plugins.module_utils.evenkeel_record.done import CONTROLLER, Done
from plugins.module_utils.evenkeel_record.recorder import Recorder, Run
from plugins.plugin_utils import last_words
from plugins.plugin_utils.task_name import phase_and_title

# Of `-e`, only these are kept: all others may be secrets.
OPTIONS = (
    "accept_behind adopt_drift batches deadline_s down_ok drill drill_host drill_kill_after_s drill_patience drill_rate "
    "drill_tenant mixed on_site_failure origin release soak_s to without_balancers"
).split()


def never_fatal(method: Callable[..., None]) -> Callable[..., None]:
    """The record may be lost, the push goes on: what goes wrong first is told, and ends the record."""

    @functools.wraps(method)
    def guarded(self: Any, *args: Any, **named: Any) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        try:
            with self._guard:
                method(self, recorder, *args, **named)
        except Exception as error:  # whatever it is, it is no reason to stop a push
            self._recorder = None
            self._display.warning(f"The record of this run is not whole: {type(error).__name__}: {error}")

    return guarded


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Turns Ansible's results into plain values and hands them to the recorder."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "evenkeel_record"

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.Lock()
        self._recorder: Recorder | None = None
        self._playbook = Path()
        self._began: dict[tuple[str, str], float] = {}
        self._asked = time.time()
        self._known = False  # what the run was given
        self._variables: Any = None
        self._host: Any = None  # the one that was heard last

    # -- the run ---------------------------------------------------------------------------------------------------

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._playbook = Path(playbook._file_name).resolve()

    def v2_playbook_on_play_start(self, play: Any) -> None:
        if self._known or context.CLIARGS.get("check"):
            return
        self._known = True
        last_words.before(self._conclude)
        self._variables = play.get_variable_manager()
        given = dict(self._variables.extra_vars)
        self._recorder = Recorder(PROJECT / str(self.get_option("record_dir")), self._run_of(given))

    def _run_of(self, given: Mapping[str, Any]) -> Run:
        limit = context.CLIARGS.get("subset")
        options = {name: str(given[name]) for name in OPTIONS if name in given}
        return Run(
            playbook=self._playbook.stem,
            began=self._asked,
            ours=self._playbook.parent == PROJECT / "playbooks",
            options={**options, **({"limit": str(limit)} if limit else {})},
            environment=str(given.get("rollout_environment") or ""),
            actor=lambda: str(given.get("actor") or given.get("awx_user_name") or person()),
            commit=lambda: str(given.get("commit") or commit_of(inventory_folder())),
        )

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """With a terminal of ours, all was said by now."""
        for line in last_words.spoken(stats):
            self._display.display(line)

    def _conclude(self, stats: Any) -> list[str]:
        """Ends the record; the paths of incident reports."""
        said: list[str] = []
        self._end(stats, said)
        return said

    @never_fatal
    def _end(self, recorder: Recorder, stats: Any, said: list[str]) -> None:
        recorder.end(good=not (stats.failures or stats.dark))
        if recorder.folders:
            said += self._make_pages(recorder.folders)

    def _make_pages(self, folders: list[Path]) -> list[str]:
        from plugins.module_utils.evenkeel_record import shelf  # Jinja2, which a run that records nothing does not need

        said = []
        for folder in folders:
            shelf.make_page(folder)
            said += self._report_incident(folder)
        for shelf_folder in {folder.parent for folder in folders}:
            shelf.make_index(shelf_folder)
        return said

    def _report_incident(self, folder: Path) -> list[str]:
        """Of a rollout that visitors noticed, or would have: where it lies."""
        from plugins.module_utils.evenkeel_record import incident

        clock, problem = incident.clock_of(self._timezone())
        if problem:
            self._display.warning(problem)
        written = incident.of_journal(folder, clock)
        return written.lines() if written else []

    def _timezone(self) -> str:
        """What the inventory says of the host that was heard last."""
        known = self._variables.get_vars(host=self._host) if self._variables and self._host else {}
        return str(known.get("evenkeel_timezone") or "")

    # -- one task on one host --------------------------------------------------------------------------------------

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._began[(host.get_name(), task._uuid)] = time.time()

    @never_fatal
    def v2_runner_on_ok(self, recorder: Recorder, result: Any) -> None:
        self._take(recorder, result, "ok")

    @never_fatal
    def v2_runner_on_failed(self, recorder: Recorder, result: Any, ignore_errors: bool = False) -> None:
        self._take(recorder, result, "failed")

    @never_fatal
    def v2_runner_on_unreachable(self, recorder: Recorder, result: Any) -> None:
        self._take(recorder, result, "unreachable")

    @never_fatal
    def v2_runner_item_on_ok(self, recorder: Recorder, result: Any) -> None:
        self._take(recorder, result, "ok", item=True)

    @never_fatal
    def v2_runner_item_on_failed(self, recorder: Recorder, result: Any) -> None:
        self._take(recorder, result, "unreachable" if result.result.get("unreachable") else "failed", item=True)

    def _take(self, recorder: Recorder, result: Any, verdict: str, item: bool = False) -> None:
        """Of a loop, its items were taken one by one; what is told of it as a whole would tell them twice."""
        if not item and result.task.loop and "results" in result.result:
            return
        self._host = result.host
        done = self._done(result, verdict, item)
        recorder.take(done, Path(str(result.host.vars.get("inventory_dir") or "")).name)

    def _done(self, result: Any, verdict: str, item: bool) -> Done:
        now, answer, key = time.time(), result.result, (result.host.get_name(), result.task._uuid)
        phase, title = phase_and_title(result.task, result.task_name)
        label = str(answer.get(answer.get("ansible_loop_var") or "item") or "") if item else ""
        began = self._began.get(key, now)
        if item:
            self._began[key] = now  # the next item begins
        return Done(host_of(result, label), phase, title, short(result.task.action), began, now, verdict, answer, label)


def host_of(result: Any, item: str) -> str:
    """Who did it: a task that is delegated in a loop over hosts is the item's."""
    delegate = str(result.task.delegate_to or "")
    if delegate in ("localhost", "127.0.0.1"):
        return CONTROLLER
    name = str(result.host.get_name())
    return CONTROLLER if name == "localhost" else item if delegate and item else name


def short(action: str) -> str:
    return action.rpartition(".")[2]


def person() -> str:
    names = (os.environ.get(name) for name in ("SUDO_USER", "LOGNAME", "USER"))
    return next((name for name in names if name), "") or getpass.getuser()


def inventory_folder() -> Path:
    sources = [Path(source) for source in context.CLIARGS.get("inventory") or () if "," not in source]
    return next((source if source.is_dir() else source.parent for source in sources if source.exists()), PROJECT)


def commit_of(folder: Path) -> str:
    """What git calls the truth in `folder`; empty where it is in no repository."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
