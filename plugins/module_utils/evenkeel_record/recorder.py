"""Decides which results belong to which journal while a run goes on, and writes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import changes, events
from .done import CONTROLLER, Done
from .events import Event
from .journal import NAME, Journal
from .moment import seconds
from .visitors import Visitors

Clock = Callable[[], float]
# what a run may end with beside the outcome `done` of one that has no release of its own
OUTCOMES = ("published", "unchanged", "rejected", "reverted", "revert_failed")


@dataclass(frozen=True)
class Run:
    """What is known of a run from its beginning. `ours`: it is one of the project's playbooks, and not of a dry run.

    `actor` and `commit` are asked only of a run that names no rollout, because that costs a program's start.
    """

    playbook: str
    began: float
    ours: bool
    options: Mapping[str, str]
    environment: str = ""
    actor: Callable[[], str] = str
    commit: Callable[[], str] = str


@dataclass
class Open:
    """A rollout that is under way. `ending` is what its report said, `build` the folder of its release, and `phase` the
    one that was written last."""

    journal: Journal
    folder: Path
    began: float
    build: str = ""
    phase: str = ""
    told: bool = False  # what the release changes
    visitors: Visitors = field(default_factory=Visitors)
    ending: dict[str, Any] = field(default_factory=dict)


class Recorder:
    """Takes every result of a run, in the order in which they came. OSError when a journal cannot be written."""

    def __init__(self, root: Path, run: Run, clock: Clock = time.time) -> None:
        self._root = root
        self._run = run
        self._clock = clock
        self._waiting: list[Event] = []  # of before the run had a name
        self._open: Open | None = None
        self.folders: list[Path] = []

    def take(self, done: Done, environment: str) -> None:
        """`environment` is what the host's inventory says; a rollout that names itself knows better."""
        named = rollout_named(done)
        if named:
            self._begin(named)
        elif self._open is None and self._run.ours and done.changed and done.host != CONTROLLER:
            self._begin(self._own_name(environment))
        if self._open is None or done.action in events.COMPILERS:  # the rollout that is named next compiled this
            self._waiting += events.of_task(done)
        else:
            self._write(self._open, events.of_task(done))
            self._learn(self._open, done)

    def end(self, good: bool) -> None:
        """The run is over; `good` is its exit code."""
        if self._open:
            self._write(self._open, self._waiting)
            self._close(self._open, good)

    # -- which journal ---------------------------------------------------------------------------------------------

    def _begin(self, named: Mapping[str, Any]) -> None:
        if self._open:
            self._close(self._open, good=True)
        keys = ("environment", "rollout", "playbook", "actor", "commit")
        facts = {key: str({"playbook": self._run.playbook, **named}.get(key) or "") for key in keys}
        folder = self._root / safe(facts["environment"]) / safe(facts["rollout"])
        began = self._run.began if not self.folders else min(map(beginning, self._waiting), default=self._clock())
        self._open = Open(Journal(folder / NAME), folder, began, str(named.get("path") or ""))
        self.folders.append(folder)
        waiting, self._waiting = self._waiting, []
        self._write(self._open, [events.begin(began, facts, self._run.options), *waiting])

    def _own_name(self, environment: str) -> dict[str, str]:
        name = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._run.began)) + "-" + self._run.playbook
        known = {"environment": self._run.environment or environment, "playbook": self._run.playbook}
        return {**known, "rollout": name, "actor": self._run.actor(), "commit": self._run.commit()}

    def _close(self, current: Open, good: bool) -> None:
        self._open = None
        now, ending = self._clock(), current.ending
        if current.visitors.measured:
            current.journal.append(events.requests(now, current.visitors.by_host(), current.visitors.before))
        outcome = ending.get("outcome") if ending.get("outcome") in OUTCOMES else "done" if good else "failed"
        current.journal.append(events.end(now, current.began, {**ending, "outcome": outcome}))
        current.journal.close()

    # -- what is written -------------------------------------------------------------------------------------------

    def _write(self, current: Open, found: Iterable[Event]) -> None:
        """What was said of a phase is on disk before the next one begins, and a failure at once."""
        failed = False
        for event in found:
            if event["event"] == "phase" and event["phase"] != current.phase:
                current.phase = event["phase"]
                current.journal.sync()
            current.journal.append(event)
            failed = failed or event["event"] == "failure"
        if failed:
            current.journal.sync()

    def _learn(self, current: Open, done: Done) -> None:
        """What later events, and the last one, need of a result."""
        if done.hidden:
            return
        if done.action == "release" and not current.told and current.build and changes.known(done.answer):
            current.told = True
            self._write(current, changes.told(done.ended, Path(current.build), done.answer))
        if done.action == "balancer_step":
            current.visitors.count(done.host, done.answer.get("counts"))
        if done.action == "incident_report" and done.answer.get("heard"):
            from . import witness  # with all that reads reports, which a run that takes nothing back does not need

            witness.keep(current.folder, done.answer["heard"])
        said = ending(done)
        if said and ("rollout" in said or "rollout" not in current.ending):  # what a report said is what counts
            current.ending = said


def rollout_named(done: Done) -> dict[str, Any]:
    """What `playbooks/tasks/name.yml` made of a rollout; empty for any other result."""
    facts = done.answer.get("ansible_facts")
    rollout = facts.get("rollout") if isinstance(facts, Mapping) and done.action == "set_fact" and not done.hidden else None
    if not isinstance(rollout, Mapping) or not rollout.get("id") or not rollout.get("environment"):
        return {}
    return {**rollout, "rollout": rollout["id"]}


def ending(done: Done) -> dict[str, Any]:
    """The last words of a rollout, or of a run, as its statistics have them; empty for any other result."""
    stats = done.answer.get("ansible_stats")
    data = stats.get("data") if isinstance(stats, Mapping) else None
    if not isinstance(data, Mapping) or not data.get("evenkeel_message"):
        return {}
    return {key.removeprefix("evenkeel_"): value for key, value in data.items()}


def safe(name: str) -> str:
    """A name of an inventory as the name of one folder, which it nearly always is already."""
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name)[:120]
    return kept if kept.strip(".") else "unnamed"


def beginning(event: Event) -> float:
    return seconds(event["at"]) - float(event.get("seconds") or 0)
