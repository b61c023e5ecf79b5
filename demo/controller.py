"""The machine somebody pushes from: runs playbooks, shows what they say, and can die in the middle."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import show
from .fleet import CHECKOUT, Fleet
from .truth import Truth


@dataclass
class Run:
    """A playbook that is running or has ended. `report` is what a rollout left behind, empty for other playbooks."""

    process: subprocess.Popen[str]
    reader: threading.Thread
    began: float
    log: Path
    lines: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def last_line(self) -> str:
        return next((line for line in reversed(self.lines) if line.strip()), "")

    def last_words(self) -> str:
        return "\n".join(self.lines[-15:])


class Controller:
    """Runs playbooks against the demo's inventory; each leaves its output in `folder`.

    Releases and reports of `environment` lie apart from those of somebody who pushes the example meanwhile.
    """

    def __init__(self, truth: Truth, fleet: Fleet, folder: Path, environment: str) -> None:
        self._truth = truth
        self._fleet = fleet
        self._folder = folder
        self._environment = environment
        self._running: Run | None = None

    def play(self, playbook: str, *extra: str, quiet: bool = False) -> Run:
        """Run `playbook` to its end, whatever that is."""
        run = self.start(playbook, *extra, quiet=quiet)
        self.wait(run)
        return run

    def start(self, playbook: str, *extra: str, quiet: bool = False) -> Run:
        program = Path(sys.executable).with_name("ansible-playbook")
        inventory = ["-i", str(self._truth.hosts), "-i", str(self._fleet.inventory)]
        vault = ["--vault-password-file", str(self._truth.vault_password)]
        apart = ["-e", f"rollout_environment={self._environment}"]
        process = subprocess.Popen(
            [str(program), *inventory, *vault, *apart, playbook, *extra],
            cwd=CHECKOUT,
            env={**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        lines: list[str] = []
        log = self._folder / f"{Path(playbook).stem}.log"
        reader = threading.Thread(target=self._listen, args=(process, lines, log, quiet), daemon=True)
        self._running = Run(process, reader, time.time(), log, lines)
        reader.start()
        return self._running

    def wait(self, run: Run) -> None:
        run.process.wait()
        run.reader.join(timeout=5)
        run.report = self._report(run.began)

    def kill(self, run: Run) -> None:
        """SIGKILL to everything the playbook runs as: nothing of it can say goodbye.

        Its workers have sessions of their own, so that a process group does not hold them all.
        """
        for pid in [run.process.pid, *descendants(run.process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        run.process.wait()

    def interrupt(self) -> None:
        """Ask a playbook that is still running to end, as Ctrl-C would."""
        if self._running and not self._running.ended:
            os.killpg(self._running.process.pid, signal.SIGINT)
            try:
                self._running.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill(self._running)

    def _listen(self, process: subprocess.Popen[str], lines: list[str], path: Path, quiet: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        assert process.stdout is not None
        with path.open("a", encoding="utf-8") as log:
            for line in process.stdout:
                log.write(line)
                log.flush()
                lines.append(line.rstrip())
                if not quiet and line.strip():
                    show.quote(line.rstrip())

    def _report(self, since: float) -> dict[str, Any]:
        """The youngest report of a rollout, when it is younger than `since`."""
        folder = CHECKOUT / "build" / self._environment / "rollouts"
        files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
        if not files or files[-1].stat().st_mtime < since - 1:
            return {}
        return dict(json.loads(files[-1].read_text(encoding="utf-8")))


def descendants(pid: int) -> list[int]:
    """Every process below `pid` at this moment."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found = [child for child, parent in parents.items() if parent == pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found
