# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prints a run for the person who started it: one line a phase and host, failures in full, the outcome last."""

from __future__ import annotations

DOCUMENTATION = r"""
name: evenkeel
type: stdout
short_description: One readable line for each phase and host
description:
  - A task that did something prints one line with the stem of its name, the host, what happened and how long it took.
  - Results that carry a C(message) for people print it; tasks that changed nothing print nothing.
  - Failures print their message in full, as text.
  - On a terminal, the last lines show which hosts are at work at what; they change in place and leave nothing behind.
  - Elsewhere, a task that takes long says so from time to time. There are no colors and no control codes in that.
  - With C(-v) and more, the output is that of the P(ansible.builtin.default#callback) callback.
  - The last line is the statistic C(evenkeel_message) that the run has set, if it has set one.
  - What other callbacks of Evenkeel have to say at the end stands before it.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
options:
  progress_s:
    description: Seconds after which a task that is still running says so, and again each time its age has doubled.
    type: int
    default: 10
    env:
      - name: EVENKEEL_PROGRESS_S
    ini:
      - section: callback_evenkeel
        key: progress_s
requirements:
  - set as stdout in configuration
author: The Evenkeel contributors (@evenkeel)
"""

import atexit
import functools
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ansible import constants as C
from ansible.plugins.callback.default import CallbackModule as DefaultCallback
from ansible.utils.fqcn import add_internal_fqcns

sys.path.append(str(Path(__file__).resolve().parents[2]))  # a plain project has no name by which a plugin could import

from plugins.plugin_utils import last_words
from plugins.plugin_utils.live_block import LiveBlock, Work, fits
from plugins.plugin_utils.task_name import phase_and_title

CONTROLLER = "controller"
# outcomes that name a failure better than the word does
VERDICTS = ("rejected", "reverted", "revert_failed")
# what a failed program said beside its message; more than this many last lines help nobody
STREAMS = ("stderr", "stdout", "module_stderr", "module_stdout")
TAIL_LINES = 20
# tasks that work for the playbook, not on a host
_SILENT = ("set_fact", "set_stats", "include_tasks", "include_role", "add_host", "group_by", "assert")
SILENT = frozenset(add_internal_fqcns(_SILENT))
ASKING = frozenset(add_internal_fqcns(("pause",)))  # a person types meanwhile
REDRAW_S = 0.2


class Running(NamedTuple):
    """A task at work on one host, which the terminal knows by `label`; `told` is the age in seconds at which it last said so."""

    label: str
    phase: str
    title: str
    began: float
    told: float


def problem_text(answer: Mapping[str, Any]) -> str:
    """All that a person needs of a failed answer: the message, then the last words of the program."""
    if "censored" in answer:
        return str(answer["censored"])
    parts = [str(answer.get("message") or answer.get("msg") or "it failed without a message")]
    if "outcome" not in answer:
        parts += [f"{stream}: {tail(answer[stream])}" for stream in STREAMS if str(answer.get(stream) or "").strip()]
    return "\n".join(part for i, part in enumerate(parts) if part not in parts[:i])


def tail(text: Any) -> str:
    lines = str(text).strip().splitlines()
    return "\n".join(["...", *lines[-TAIL_LINES:]] if len(lines) > TAIL_LINES else lines)


def indented(text: str) -> str:
    return "\n".join("  " + line if line.strip() else "" for line in text.rstrip().splitlines())


def good_text(answer: Mapping[str, Any], title: str, items: list[str]) -> str:
    """What an answer has to say; empty when it changed nothing and has no message for people."""
    if "censored" in answer:
        return title if answer.get("changed") else ""
    if isinstance(answer.get("message"), str) and answer["message"].strip():
        return str(answer["message"]).strip()
    what = title.split(", ")[0].split("; ")[0]  # the reason is for who reads the role
    return f"{what}{': ' + ', '.join(items) if items else ''}" if answer.get("changed") else ""


def debug_text(answer: Mapping[str, Any]) -> str:
    """What a debug task prints: its message, a list one line each, or the variable."""
    variables = {key: value for key, value in answer.items() if key not in ("changed", "failed") and key[0] != "_"}
    shown = answer["msg"] if "msg" in answer else [f"{key}: {value}" for key, value in variables.items()]
    return "\n".join(map(str, shown)) if isinstance(shown, (list, tuple)) else str(shown)


def counts_text(summary: Mapping[str, int]) -> str:
    words = {"failures": "failed"}
    shown = ("ok", "changed", "skipped", "rescued", "ignored", "failures", "unreachable")
    return ", ".join(f"{summary[key]} {words.get(key, key)}" for key in shown if summary[key])


def terse(method: Callable[..., None]) -> Callable[..., None]:
    """With -v and more, the default callback speaks instead."""

    @functools.wraps(method)
    def chosen(self: Any, *args: Any, **kwargs: Any) -> None:
        if self._display.verbosity:
            getattr(DefaultCallback, method.__name__)(self, *args, **kwargs)
        else:
            method(self, *args, **kwargs)
        sys.stdout.flush()  # who reads through a pipe wants to see it now, too

    return chosen


class CallbackModule(DefaultCallback):  # type: ignore[misc]
    """Stdout callback of the project."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "evenkeel"

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.Lock()
        self._running: dict[tuple[str, str], Running] = {}
        self._items: dict[tuple[str, str], list[str]] = {}
        self._diffs: dict[tuple[str, str], str] = {}
        self._shown_diffs: dict[tuple[str, str], str] = {}
        self._width = 10
        self._outcome: tuple[bool, str] | None = None
        self._ended = threading.Event()
        self._printing = threading.RLock()
        self._block: LiveBlock | None = None

    # -- the run ---------------------------------------------------------------------------------------------------

    @terse
    def v2_playbook_on_start(self, playbook: Any) -> None:
        if fits(sys.stdout, os.environ):
            self._block = LiveBlock(sys.stdout)
            atexit.register(self._finish)  # Ctrl-C ends a run without a word
        threading.Thread(target=self._show_work if self._block else self._tell_progress, daemon=True).start()

    @terse
    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._play = play

    @terse
    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._shown_diffs.clear()

    @terse
    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._shown_diffs.clear()

    @terse
    def v2_playbook_on_no_hosts_matched(self) -> None:
        """An environment may have no balancers, or no backups: that is worth a line only where nothing else happened."""

    @terse
    def v2_playbook_on_no_hosts_remaining(self) -> None:
        pass

    @terse
    def v2_playbook_on_include(self, included_file: Any) -> None:
        pass

    @terse
    def v2_playbook_on_notify(self, handler: Any, host: Any) -> None:
        pass

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._finish()
        for line in last_words.spoken(stats):
            self._say(line)
        if self._display.verbosity:
            super().v2_playbook_on_stats(stats)
        elif not stats.processed:
            self._line("", "", f'No host of this run is in the play "{self._play.get_name()}"', color=C.COLOR_SKIP)
        elif self._outcome is None:
            self._recap(stats)
        if self._outcome is not None:
            good, message = self._outcome
            self._say("\n" + message, color=C.COLOR_OK if good else C.COLOR_ERROR)
        sys.stdout.flush()

    # -- one task on one host --------------------------------------------------------------------------------------

    @terse
    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        phase, title = phase_and_title(task, task.name or task.action)
        label = CONTROLLER if self._on_controller(task) else host.get_name()
        self._width = max(self._width, len(label))
        if task.action not in ASKING:
            with self._guard:
                self._running[(host.get_name(), task._uuid)] = Running(label, phase, title, time.monotonic(), 0.0)

    def v2_runner_on_ok(self, result: Any) -> None:
        self._remember_outcome(result, good=True)
        self._on_ok(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        told = self._remember_outcome(result, good=False) or self._repeats_outcome(result)
        if not told or self._display.verbosity:
            self._on_failed(result, ignore_errors)

    def _on_ok(self, result: Any) -> None:
        if self._display.verbosity:
            super().v2_runner_on_ok(result)
        else:
            self._show_ok(result)
        sys.stdout.flush()

    def _on_failed(self, result: Any, ignore_errors: bool) -> None:
        if self._display.verbosity:
            super().v2_runner_on_failed(result, ignore_errors)
        else:
            self._show_failed(result)
        sys.stdout.flush()

    @terse
    def v2_runner_on_unreachable(self, result: Any) -> None:
        why = str(result.result.get("msg") or "no answer").rpartition("ssh: ")[2]  # without Ansible's preamble
        self._problem(result, "could not be reached", why, C.COLOR_UNREACHABLE)

    @terse
    def v2_runner_on_skipped(self, result: Any) -> None:
        self._end(result)

    @terse
    def v2_runner_retry(self, result: Any) -> None:
        left = int(result.result.get("retries", 0)) - int(result.result.get("attempts", 0))
        phase, title = phase_and_title(result.task, result.task_name)
        self._line(phase, self._label(result), f"{title}: not yet, {left} more tries", color=C.COLOR_DEBUG)

    @terse
    def v2_runner_item_on_ok(self, result: Any) -> None:
        if result.result.get("changed"):
            self._items.setdefault(self._key(result), []).append(str(self._get_item_label(result.result)))

    @terse
    def v2_runner_item_on_failed(self, result: Any) -> None:
        verdict = f"failed at {self._get_item_label(result.result)}"
        self._problem(result, verdict, problem_text(result.result), C.COLOR_ERROR, ends=False)

    @terse
    def v2_runner_item_on_skipped(self, result: Any) -> None:
        pass

    @terse
    def v2_on_file_diff(self, result: Any) -> None:
        answers = result.result["results"] if result.task.loop and "results" in result.result else [result.result]
        self._diffs[self._key(result)] = "".join(self._get_diff(a["diff"]) for a in answers if a.get("diff") and a.get("changed"))

    # -- how it looks ----------------------------------------------------------------------------------------------

    def _show_ok(self, result: Any) -> None:
        seconds = self._end(result)
        answer, (phase, title) = result.result, phase_and_title(result.task, result.task_name)
        self._warn(answer)
        if result.task.action in C._ACTION_DEBUG:
            self._say(debug_text(answer))
        elif result.task.action not in SILENT:
            text = good_text(answer, title, self._items.pop(self._key(result), []))
            if text:
                self._line(phase, self._label(result), text, seconds, C.COLOR_CHANGED if answer.get("changed") else C.COLOR_OK)
        self._show_diff(result)

    def _show_failed(self, result: Any) -> None:
        self._warn(result.result)
        if result.task.loop and "results" in result.result:  # its items have been shown, one by one
            self._end(result)
        else:
            verdict = result.result.get("outcome")
            self._problem(result, verdict if verdict in VERDICTS else "failed", problem_text(result.result), C.COLOR_ERROR)

    def _problem(self, result: Any, verdict: str, text: str, color: str, ends: bool = True) -> None:
        """The verdict and the task in one line, the text below it."""
        seconds = self._end(result) if ends else 0.0
        phase, title = phase_and_title(result.task, result.task_name)
        self._line(phase, self._label(result), f"{verdict}: {title}", seconds, color)
        self._say(indented(text), color=color)
        if "outcome" not in result.result and verdict.startswith("failed"):
            self._say(f"  ({result.task.get_path()})", color=color)

    def _show_diff(self, result: Any) -> None:
        """A change that is the same on every host is shown once."""
        diff, host = self._diffs.pop(self._key(result), ""), result.host.get_name()
        if diff:
            known = self._shown_diffs.setdefault((result.task._uuid, diff), host)
            self._say(diff if known == host else f"  the same as on {known}")

    def _say(self, text: str, color: str | None = None) -> None:
        with self._printing:
            if self._block:
                self._block.clear()
            self._display.display(text, color=color)

    def _warn(self, answer: Mapping[str, Any]) -> None:
        with self._printing:
            if self._block:
                self._block.clear()
            self._handle_warnings(answer)

    def _recap(self, stats: Any) -> None:
        for host in sorted(stats.processed):
            summary = stats.summarize(host)
            bad = summary["failures"] or summary["unreachable"]
            self._line("total", host, counts_text(summary), color=C.COLOR_ERROR if bad else C.COLOR_OK)

    def _line(self, phase: str, label: str, text: str, seconds: float = 0.0, color: str | None = None) -> None:
        first, *rest = text.splitlines()
        took = f"  {seconds:.1f} s" if seconds >= 0.05 else ""
        self._say(f"{phase:<9} {label:<{self._width}}  {first}{took}", color=color)
        if rest:
            self._say(indented("\n".join(rest)), color=color)

    # -- what it knows ---------------------------------------------------------------------------------------------

    def _remember_outcome(self, result: Any, good: bool) -> bool:
        """Keep the run's own last words for the last line; whether this result carried them."""
        statistics = result.result.get("ansible_stats") or {}
        message = (statistics.get("data") or {}).get("evenkeel_message")
        if message:
            self._outcome = (good, str(message))
        return bool(message)

    def _repeats_outcome(self, result: Any) -> bool:
        """A task that fails with the run's last words says nothing new, but the words are bad ones then."""
        if self._outcome is None or result.result.get("msg") != self._outcome[1]:
            return False
        self._outcome = (False, self._outcome[1])
        self._end(result)
        return True

    def _label(self, result: Any) -> str:
        return CONTROLLER if self._on_controller(result.task) else str(result.host.get_name())

    @staticmethod
    def _on_controller(task: Any) -> bool:
        return bool(task.run_once) and task.delegate_to in ("localhost", "127.0.0.1")

    @staticmethod
    def _key(result: Any) -> tuple[str, str]:
        return result.host.get_name(), result.task._uuid

    def _end(self, result: Any) -> float:
        """Seconds the task took on this host."""
        with self._guard:
            running = self._running.pop(self._key(result), None)
        return time.monotonic() - running.began if running else 0.0

    # -- progress --------------------------------------------------------------------------------------------------

    def _show_work(self) -> None:
        while not self._ended.wait(REDRAW_S):
            now = time.monotonic()
            with self._guard:
                works = [Work(one.phase, one.title, one.label, now - one.began) for one in self._running.values()]
            with self._printing:
                if self._block and not self._ended.is_set():
                    self._block.draw(works)

    def _finish(self) -> None:
        """Nothing is drawn from now on, and nothing of it is left."""
        self._ended.set()
        with self._printing:
            if self._block:
                self._block.clear()

    def _tell_progress(self) -> None:
        while not self._ended.wait(1.0):
            for running, hosts in self._late().items():
                phase, title, age = running
                self._line(phase, ", ".join(hosts), f"still at work after {age:.0f} s: {title}", color=C.COLOR_DEBUG)
                sys.stdout.flush()

    def _late(self) -> dict[tuple[str, str, float], list[str]]:
        """Tasks that have been silent for long, and the hosts they run on."""
        late: dict[tuple[str, str, float], list[str]] = {}
        with self._guard:
            for key, running in list(self._running.items()):
                age = time.monotonic() - running.began
                if age >= max(self.get_option("progress_s"), 2 * running.told):
                    self._running[key] = running._replace(told=age)
                    late.setdefault((running.phase, running.title, round(age)), []).append(key[0])
        return late
