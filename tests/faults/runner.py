"""Tries faults on test hosts, several hosts at once, while visitors come in."""

from __future__ import annotations

import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from demo.client import summarize
from plugins.module_utils.evenkeel_compiler.truth import TruthInvalid
from tests.faults import fleet, host, layout
from tests.faults.collection import BadFault, Fault
from tests.faults.edits import Applied, Editor
from tests.faults.fleet import NotRendered, RenderFailed
from tests.faults.host import FaultHost
from tests.faults.layout import CONTENT, TRUTH, Layout
from tests.faults.result import Result, guard_of, is_named, skipped

_CERTIFICATES_S = 86400.0  # one of them expires in two days from when it was made
_LIVE_S = 0.7  # how long visitors meet a fault that nobody refused
Tell = Callable[[Result], None]


class Runner:
    """`folder` keeps everything that is made: certificates, truths, records of visitors."""

    def __init__(self, folder: Path, names: list[str], tell: Tell) -> None:
        self._folder = folder
        self._names = names
        self._tell = tell
        self._layout: Layout = layout.load()
        self._lock = threading.Lock()
        self._results: list[Result] = []

    def run(self, faults: Iterable[Fault]) -> list[Result]:
        """Every fault's result; those of the balancers are told as skipped."""
        work: queue.SimpleQueue[Fault] = queue.SimpleQueue()
        for fault in faults:
            if fault.skipped:
                self._done(skipped(fault))
            else:
                work.put(fault)
        if work.empty():
            return self._results
        self._folder.mkdir(parents=True, exist_ok=True)
        certificates(self._folder / "certificates")
        shutil.rmtree(self._folder / "truth", ignore_errors=True)
        shutil.copytree(TRUTH, self._folder / "truth", symlinks=True)  # a long run outlives an edit of the truth
        host.up(self._names, self._folder)
        problems: list[BaseException] = []
        threads = [threading.Thread(target=self._serve, args=(name, work, problems)) for name in self._names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if problems:
            raise problems[0]
        return self._results

    def _serve(self, name: str, work: queue.SimpleQueue[Fault], problems: list[BaseException]) -> None:
        """One host's share; its visitors are counted at the end, when no request is under way any more."""
        here = FaultHost(name, self._folder)
        windows: list[tuple[Result, float, float]] = []
        try:
            release, payload = self._build(name, Applied, lambda editor: Applied())
            here.prepare(release, payload)
            while True:
                try:
                    fault = work.get_nowait()
                except queue.Empty:
                    break
                windows.append(self._try(here, fault))
                self._tell(windows[-1][0])
        except BaseException as error:
            problems.append(error)
        finally:
            self._count(here, windows)
            here.close()

    def _try(self, here: FaultHost, fault: Fault) -> tuple[Result, float, float]:
        began = time.time()
        applied = Applied()
        try:
            release, payload = self._build(here.box.name, Applied, lambda editor: editor.apply(fault.edits), applied)
            found = here.try_release(release, payload, applied.on_host, _LIVE_S)
        except (TruthInvalid, RenderFailed, NotRendered) as error:
            self._build(here.box.name, Applied, lambda editor: Applied())  # the fault is to blame, not the fleet
            found = {"outcome": "compile", "message": str(error), "plain": True}
        except BadFault as error:
            found = {"outcome": "broken", "message": f"does not fit: {error}", "plain": True}
        ended = time.time()
        return self._judged(fault, found, applied, ended - began), began, ended

    def _build(self, name: str, blank: Any, edit: Callable[[Editor], Applied], applied: Applied | None = None) -> Any:
        """The release of a fresh copy of the truth, edited."""
        folder = self._folder / f"truth-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        fleet.copy_truth(folder, self._folder / "certificates", self._folder / "truth")
        made = edit(Editor(folder, self._layout, self._folder / "certificates"))
        if applied is not None:
            applied.__dict__.update(made.__dict__)
        return fleet.build(folder, self._layout, made)

    def _judged(self, fault: Fault, found: dict[str, Any], applied: Applied, seconds: float) -> Result:
        paths = [fleet.release_path(place) for place in applied.touched] + applied.touched
        owners = {self._layout.owner(path) or path.split("/")[1] for path in paths if "/" in path and not path.startswith("/")}
        sites = {"app": "app.test", "static": "static.test", "secure": "secure.test"}
        names = [name for owner in owners if owner in sites for name in (f"site {owner}", sites[owner])]
        return Result(
            id=fault.id,
            kind=fault.kind,
            outcome=found["outcome"],
            guard=guard_of(found),
            lost_requests=0,
            named_cause=is_named(found["message"], paths, names),
            seconds=round(seconds, 2),
            plain=not found.get("plain", True),
            message=found["message"],
        )

    def _count(self, here: FaultHost, windows: list[tuple[Result, float, float]]) -> None:
        visits = here.visitors.stop() if windows else []
        for result, began, ended in windows:
            seen = summarize(visits, began, ended)
            counted = Result(**{**result.__dict__, "lost_requests": seen.failed, "requests": seen.requests})
            self._done(counted, told=not seen.failed)

    def _done(self, result: Result, told: bool = True) -> None:
        with self._lock:
            self._results.append(result)
            if not told:
                self._tell(result)


def certificates(folder: Path) -> None:
    """Throw-away certificates, good and bad; made anew when they are a day old."""
    if folder.exists() and time.time() - folder.stat().st_mtime < _CERTIFICATES_S:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    script = CONTENT / "make_certificates.sh"
    subprocess.run(["bash", str(script)], cwd=folder, check=True, capture_output=True)
