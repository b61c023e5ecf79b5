"""Tries faults on test hosts, several hosts at once, while visitors come in."""

from __future__ import annotations

import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from demo.client import summarize
from tests.faults import host, layout, probing
from tests.faults.bench import Bench, Builder
from tests.faults.collection import BALANCER, BadFault, Fault
from tests.faults.edge import EdgeLayout
from tests.faults.host import FaultBalancer, FaultHost, HostUnfit
from tests.faults.layout import CONTENT, EDGE, TRUTH, WEB, Layout
from tests.faults.result import Result, untried
from tests.hosts.bed import Box

_CERTIFICATES_S = 86400.0  # one of them expires in two days from when it was made
_BEHIND = 2  # web hosts that the balancer knows
Tell = Callable[[Result], None]
Work = queue.SimpleQueue[Fault]
Windows = list[tuple[Result, float, float]]


class Runner:
    """`folder` keeps everything that is made: certificates, truths, records of visitors."""

    def __init__(self, folder: Path, names: list[str], balancer: str, tell: Tell, probes: str = probing.OWN) -> None:
        self._folder = folder
        self._names = names
        self._balancer = balancer
        self._tell = tell
        self._probes = probes
        self._layout: Layout = layout.load()
        self._lock = threading.Lock()
        self._results: list[Result] = []
        self._problems: list[BaseException] = []
        self._unfit = ""  # why a host takes no part any more

    def run(self, faults: Iterable[Fault]) -> list[Result]:
        """Every fault's result. Those of balancers come last, when nobody else changes the web hosts."""
        direct: Work = queue.SimpleQueue()
        balanced: Work = queue.SimpleQueue()
        self._folder.mkdir(parents=True, exist_ok=True)
        certificates(self._folder / "certificates")
        shutil.rmtree(self._folder / "truth", ignore_errors=True)
        shutil.copytree(TRUTH, self._folder / "truth", symlinks=True)  # a long run outlives an edit of the truth
        for fault in self._fitting(faults):
            (balanced if self._needs_balancer(fault) else direct).put(fault)
        if not (direct.empty() and balanced.empty()):
            self._run(direct, balanced)
        if self._problems:
            raise self._problems[0]
        for fault in (*_left(direct), *_left(balanced)):
            self._give_up(fault, f"no host is left: {self._unfit}")
        return self._results

    def _fitting(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        """Those whose edits can be made. A mistake in a fault file is told before any host is started for it."""
        builder = Builder(self._folder, self._layout, None)
        for fault in faults:
            try:
                for edits in fault.pushes:
                    builder.edited("fit", edits)
            except BadFault as error:
                self._give_up(fault, fault.told(error))
            else:
                yield fault

    def _run(self, direct: Work, balanced: Work) -> None:
        names, balancer = self._hosts(balanced)
        builder = Builder(self._folder, self._layout, self._edge(names, balancer), self._probes)
        webs = [FaultHost(name, self._folder) for name in names]
        try:
            self._together([Bench({WEB: web}, builder) for web in webs], direct)
            if balancer and not self._problems:
                edge = FaultBalancer(balancer, self._folder)
                webs.append(edge)
                self._serve(Bench({WEB: webs[0], EDGE: edge}, builder), balanced)
        finally:
            for one in webs:
                one.close()

    def _hosts(self, balanced: Work) -> tuple[list[str], str]:
        """Web hosts and balancer that run, as far as they are needed."""
        balancer = "" if balanced.empty() else self._balancer
        more = [f"{self._names[0]}-{number}" for number in range(len(self._names) + 1, _BEHIND + 1)] if balancer else []
        names = self._names + more
        host.up(names, self._folder, balancer)
        return names, balancer

    def _edge(self, names: list[str], balancer: str) -> EdgeLayout | None:
        if not balancer:
            return None
        return EdgeLayout(
            self._layout.edge, tuple(Box(name).address for name in names[:_BEHIND]), Box(balancer).address, balancer
        )

    def _needs_balancer(self, fault: Fault) -> bool:
        edits = [edit for push in fault.pushes for edit in push if "occupy_port" not in edit]
        return fault.kind == BALANCER or any(self._layout.place(edit).tier == EDGE for edit in edits)

    def _together(self, benches: list[Bench], work: Work) -> None:
        threads = [threading.Thread(target=self._serve, args=(bench, work)) for bench in benches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _serve(self, bench: Bench, work: Work) -> None:
        """One bench's share; its visitors are counted at the end, when no request is under way any more."""
        windows: Windows = []
        last = list(bench.hosts.values())[-1]
        try:
            bench.prepare()
            for fault in _left(work):
                try:
                    windows.append(bench.attempt(fault))
                except HostUnfit as error:
                    self._give_up(fault, error)
                    raise
                self._tell(windows[-1][0])
        except HostUnfit as error:
            self._unfit = str(error)
        except BaseException as error:
            self._problems.append(error)
        finally:
            self._count(last, windows)

    def _give_up(self, fault: Fault, why: object) -> None:
        self._done(untried(fault, why))
        self._tell(untried(fault, why))

    def _count(self, here: FaultHost, windows: Windows) -> None:
        visits = here.visitors.stop() if windows else []
        for result, began, ended in windows:
            seen = summarize(visits, began, ended)
            self._done(replace(result, lost_requests=seen.failed, requests=seen.requests))

    def _done(self, result: Result) -> None:
        with self._lock:
            self._results.append(result)
            if result.lost_requests:
                self._tell(result)


def _left(work: Work) -> Iterator[Fault]:
    """What nobody has taken yet."""
    while True:
        try:
            yield work.get_nowait()
        except queue.Empty:
            return


def certificates(folder: Path) -> None:
    """Throw-away certificates, good and bad; made anew when they are a day old."""
    if folder.exists() and time.time() - folder.stat().st_mtime < _CERTIFICATES_S:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    script = CONTENT / "make_certificates.sh"
    subprocess.run(["bash", str(script)], cwd=folder, check=True, capture_output=True)
