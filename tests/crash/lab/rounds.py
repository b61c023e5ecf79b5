"""Break the engine at every step of every phase on a real host, and look at the host after each.

    python3 rounds.py FOLDER PHASE HOW    HOW is kill, or error (of the disk)

FOLDER holds releases.json ({version: [id, payload]}) and gets answers.jsonl. Prints a report as JSON.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import host_state
from breaking import KILL, Work, attempt
from evenkeel.engine import Engine
from evenkeel.host import SystemClock

OLD, NEW, SHARED = "old", "new", "shared"
DEADLINE_S = 300
PATIENCE_S = 15
RANDOM_KILLS = 8


class Lab:
    """A web host, what it should serve, and all that was found wrong with it."""

    visitor = "visitor.py"

    def __init__(self, folder: str) -> None:
        self.folder = folder
        with open(os.path.join(folder, "releases.json"), encoding="utf-8") as stream:
            self.releases: dict[str, list[str]] = json.load(stream)
        self.problems: list[str] = []
        self.calm: list[list[Any]] = []  # [version, began, ended]: when every answer must be of one version
        self.broken: dict[str, int] = {}
        self.excused = ""  # a site that may fail while the host is not settled

    def answers(self) -> dict[str, dict[str, Any]]:
        return host_state.answers()

    def problem(self, site: str, answer: dict[str, Any], allowed: dict[str, str], whole: bool = True) -> str | None:
        return answer_problem(site, answer, allowed, whole)

    def id(self, version: str) -> str:
        return self.releases[version][0]

    def staged(self, version: str) -> Work:
        release, payload = self.releases[version]
        return lambda engine: engine.staged(release, payload)

    def proved(self, version: str) -> Work:
        release, payload = self.releases[version]
        return lambda engine: engine.proved(release, payload, [], False)

    def live(self, version: str, deadline_s: float = DEADLINE_S) -> Work:
        return lambda engine: engine.live(self.id(version), deadline_s)

    def confirmed(self, version: str) -> Work:
        return lambda engine: engine.confirmed(self.id(version))

    def back(self, version: str) -> Work:
        return lambda engine: engine.reverted(self.id(version), "the next round")

    def demand(self, label: str, report: dict[str, Any], *results: str) -> None:
        """An unbroken run ends with one of `results`."""
        if report.get("result") not in results:
            self.wrong(label, "wanted %s, got %s" % ("/".join(results), brief(report)))

    def publish(self, label: str, version: str) -> None:
        """The next run, from the proof to the confirmation; where only confirming was left, somebody does that."""
        if host_state.current() == self.id(version) and (host_state.pending() or {}).get("phase") == "live":
            self.demand(label + ", then confirm", attempt(self.confirmed(version)), "confirmed")
            return self.settled(label + ", then confirmed", version)
        self.demand(label + ", then prove", attempt(self.proved(version), rollout="next"), "proved")
        self.demand(label + ", then live", attempt(self.live(version), rollout="next"), "live")
        self.demand(label + ", then confirm", attempt(self.confirmed(version), rollout="next"), "confirmed")
        return self.settled(label + ", then published", version)

    def begin(self) -> None:
        """The old version, known good."""
        attempt(self.proved(OLD))
        attempt(self.live(OLD))
        attempt(self.confirmed(OLD))
        self.return_to("at first", OLD)

    def return_to(self, label: str, version: str) -> None:
        self.stir()
        self.demand(label + ", then back", attempt(self.back(version)), "reverted", "unchanged")
        self.settled(label + ", then back", version)

    def settled(self, label: str, version: str) -> None:
        """From here until `stir`, everything is of one version."""
        wrong = [text for text in self._unsettled(version) if text]
        if wrong:
            self.wrong(label, "; ".join(wrong))
        else:
            self.calm.append([version, time.monotonic(), None])

    def stir(self) -> None:
        if self.calm and self.calm[-1][2] is None:
            self.calm[-1][2] = time.monotonic()

    def _unsettled(self, version: str) -> Iterator[str]:
        wanted = self.id(version)
        yield (host_state.current() != wanted and "current is %s" % host_state.current()) or ""
        yield (host_state.known_good() != wanted and "known good is %s" % host_state.known_good()) or ""
        yield (host_state.pending() is not None and "pending") or ""
        yield (host_state.timer_runs() and "a deadline runs") or ""
        yield ", ".join(host_state.not_whole(wanted))
        yield ", ".join(host_state.litter())
        for site, answer in self.answers().items():
            yield self.problem(site, answer, {version: wanted}) or ""

    def after_break(self, label: str, report: dict[str, Any], how: str) -> None:
        """What holds whatever broke: a death, or one sentence; whole releases; every site answers."""
        if "traceback" in report:
            self.wrong(label, report["traceback"])
        if how == KILL and not report["killed"]:
            self.wrong(label, "did not die: %s" % brief(report))
        if "refused" in report and (len(report["refused"]) < 30 or report["refused"].startswith("[Errno")):
            self.wrong(label, "no sentence: %s: %s" % (report["kind"], report["refused"]))
        whole = host_state.not_whole(host_state.current())
        if whole:
            self.wrong(label, "current is not whole: %s" % ", ".join(whole))
        both = {version: self.id(version) for version in (OLD, NEW)}
        for site, answer in self.answers().items():
            wrong = self.problem(site, answer, both, whole=False)
            if wrong:
                self.wrong(label, wrong)

    def wrong(self, label: str, what: str) -> None:
        self.problems.append("%s: %s" % (label, what))
        print("WRONG %s: %s" % (label, what), flush=True)


def brief(report: dict[str, Any]) -> str:
    return str({key: value for key, value in report.items() if key != "steps"})


def answer_problem(site: str, answer: dict[str, Any], allowed: dict[str, str], whole: bool = True) -> str | None:
    """Why an answer is not one of the `allowed` versions (their ids by name). `whole`: all its parts of the same."""
    if "error" in answer:
        return "%s: %s" % (site, answer["error"])
    if answer["status"] != 200 or answer["stamp"] != site:
        return "%s answered %s as %s" % (site, answer["status"], answer["stamp"])
    pools = {OLD: "64M", NEW: "96M", SHARED: "80M"}
    parts = {"vhost": answer["vhost"], "settings": answer.get("settings")}
    parts["release"] = next((v for v, name in allowed.items() if name == answer["release"]), answer["release"])
    if site != "brochure":
        parts["pool"] = next((v for v, size in pools.items() if size == answer.get("pool")), None)
    if not set(parts.values()) <= set(allowed):
        return "%s answered with %s" % (site, parts)
    if parts["vhost"] != parts["release"] or (whole and len(set(parts.values())) > 1):
        return "%s is mixed: %s" % (site, parts)
    return None


@contextmanager
def visitors(lab: Lab) -> Iterator[None]:
    path = os.path.join(lab.folder, "answers.jsonl")
    stream = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), lab.visitor), path])
    try:
        yield
    finally:
        stream.send_signal(signal.SIGTERM)
        stream.wait()


def judge_answers(lab: Lab) -> dict[str, int]:
    """Every answer that a visitor got: one of the versions, and all of one while the host was settled."""
    every = {version: release[0] for version, release in lab.releases.items()}
    counts = {"requests": 0, "failed": 0, "mixed": 0}
    with open(os.path.join(lab.folder, "answers.jsonl"), encoding="ascii") as stream:
        for line in stream:
            answer = json.loads(line)
            counts["requests"] += 1
            wrong = lab.problem(answer["site"], answer, every, whole=False)
            counts["failed"] += wrong is not None
            counts["mixed"] += lab.problem(answer["site"], answer, every) is not None
            calm = next((p for p in lab.calm if p[1] <= answer["began"] and answer["ended"] <= (p[2] or 1e99)), None)
            if calm and not wrong:
                wrong = lab.problem(answer["site"], answer, {calm[0]: every[calm[0]]})
            if wrong and (calm or answer["site"] != lab.excused):
                lab.wrong("a visitor at %.3f" % answer["began"], wrong)
    return counts


def every_step(lab: Lab, label: str, how: str, work: Work, restore: Callable[[str], None]) -> None:
    """Run `work`, broken at step 1, 2, ... until it ends before it breaks; `restore` after each."""
    nth = 1
    while True:
        report = attempt(work, nth, how)
        if len(report["steps"]) < nth:
            break
        text = "%s %s at step %d (%s)" % (label, how, nth, report["steps"][nth - 1])
        lab.after_break(text, report, how)
        restore(text)
        nth += 1
    lab.broken["%s %s" % (label, how)] = nth - 1


def stage(lab: Lab, how: str) -> None:
    """Nothing that a visitor sees changes, so all of this is one calm period."""

    def restore(label: str) -> None:
        lab.demand(label + ", then stage", attempt(lab.staged(NEW)), "staged", "unchanged")
        wrong = host_state.not_whole(lab.id(NEW)) + host_state.litter()
        if wrong or host_state.current() != lab.id(OLD):
            lab.wrong(label, "after the next run: %s, current is %s" % (wrong, host_state.current()))
        shutil.rmtree("/etc/evenkeel/releases/" + lab.id(NEW))

    shutil.rmtree("/etc/evenkeel/releases/" + lab.id(NEW), ignore_errors=True)
    every_step(lab, "stage", how, lab.staged(NEW), restore)


def prove(lab: Lab, how: str) -> None:
    """Each run begins with what the one before left behind."""

    def restore(label: str) -> None:
        if host_state.current() != lab.id(OLD) or host_state.pending() is not None:
            lab.wrong(label, "current is %s, pending %s" % (host_state.current(), host_state.pending()))

    attempt(lab.staged(NEW))
    every_step(lab, "prove", how, lab.proved(NEW), restore)
    lab.demand("prove", attempt(lab.proved(NEW)), "proved")
    lab.settled("prove", OLD)


def live(lab: Lab, how: str) -> None:
    """From the old release to the new: after each break the next run publishes it."""

    def restore(label: str) -> None:
        lab.publish(label, NEW)
        lab.return_to(label, OLD)
        lab.stir()

    lab.demand("live", attempt(lab.proved(NEW)), "proved")
    lab.stir()
    every_step(lab, "live", how, lab.live(NEW), restore)
    lab.return_to("live", OLD)


def confirm(lab: Lab, how: str) -> None:
    def restore(label: str) -> None:
        lab.demand(label + ", then again", attempt(lab.confirmed(NEW)), "confirmed")
        lab.settled(label + ", then again", NEW)
        lab.return_to(label, OLD)
        lab.stir()
        lab.demand(label + ", then live", attempt(lab.live(NEW)), "live")

    lab.demand("confirm", attempt(lab.proved(NEW)), "proved")
    lab.stir()
    lab.demand("confirm", attempt(lab.live(NEW)), "live")
    every_step(lab, "confirm", how, lab.confirmed(NEW), restore)
    lab.return_to("confirm", OLD)


def revert(lab: Lab, how: str) -> None:
    """A broken revert is finished by the same command, by the next run, or by the deadline."""
    turn = [0]

    def overdue(engine: Engine) -> Any:
        engine._host.clock = Later()
        return engine.overdue()

    def restore(label: str) -> None:
        turn[0] += 1
        ways: list[tuple[str, Work]] = [
            ("revert", lambda engine: engine.reverted(None, "again")),
            ("the next run", lab.proved(NEW)),
            ("the deadline", overdue),
        ]
        name, work = ways[turn[0] % 3]
        report = attempt(work, rollout="next")
        if "waits for confirmation" in report.get("refused", "") and host_state.current() == lab.id(NEW):
            report = attempt(ways[0][1])
        lab.demand("%s, then %s" % (label, name), report, "reverted", "unchanged", "proved", "None")
        lab.settled("%s, then %s" % (label, name), OLD)
        lab.stir()
        lab.demand(label, attempt(lab.proved(NEW)), "proved")
        lab.demand(label, attempt(lab.live(NEW)), "live")

    lab.demand("revert", attempt(lab.proved(NEW)), "proved")
    lab.stir()
    lab.demand("revert", attempt(lab.live(NEW)), "live")
    every_step(lab, "revert", how, lambda engine: engine.reverted(None, "asked for"), restore)
    lab.return_to("revert", OLD)


class Later(SystemClock):
    """After every deadline of this test."""

    def now(self) -> float:
        return super().now() + 2 * DEADLINE_S


def deadline(lab: Lab, how: str) -> None:
    """The engine dies right after the flip, and nobody comes: systemd's timer puts the old release back."""
    lab.demand("deadline", attempt(lab.proved(NEW)), "proved")
    lab.stir()
    steps = attempt(lab.live(NEW))["steps"]
    lab.return_to("deadline", OLD)
    lab.stir()
    flip = steps.index("flip /etc/evenkeel/current") + 1
    for nth in (flip + 1, len(steps)):
        report = attempt(lab.live(NEW, 2), nth)
        label = "deadline after step %d (%s)" % (nth, report["steps"][-1])
        if host_state.current() != lab.id(NEW):
            lab.wrong(label, "the flip did not happen")
        end = time.monotonic() + PATIENCE_S
        while (host_state.pending() or host_state.timer_runs()) and time.monotonic() < end:
            time.sleep(0.1)
        lab.settled(label, OLD)
        lab.stir()
    lab.broken["deadline"] = 2


def isolation(lab: Lab, how: str) -> None:
    """A site's own PHP master becomes the shared one and comes back: one socket, two masters, never both.

    The site itself is without PHP for a moment; its neighbours are not.
    """
    lab.excused = "till"
    lab.stir()
    lab.publish("dedicated to shared", SHARED)
    lab.return_to("shared to dedicated", OLD)
    lab.stir()


def random_kills(lab: Lab, how: str) -> None:
    """Not only between steps: SIGKILL at any moment, for the engine and what it runs."""
    dice = random.Random(20)
    lab.stir()
    for _ in range(RANDOM_KILLS):
        after = dice.uniform(0.02, 2.5)
        kill_after(lab, after)
        label = "killed after %.2f s" % after
        lab.after_break(label, {"killed": True}, KILL)
        if host_state.known_good() == lab.id(NEW):
            attempt(lab.confirmed(NEW))
            lab.settled(label, NEW)
        else:
            lab.publish(label, NEW)
        lab.return_to(label, OLD)
        lab.stir()
    lab.broken["random kills"] = RANDOM_KILLS


def kill_after(lab: Lab, seconds: float) -> None:
    child = os.fork()
    if child == 0:
        os.setsid()
        for work in (lab.proved(NEW), lab.live(NEW), lab.confirmed(NEW)):
            attempt(work)
        os._exit(0)
    time.sleep(seconds)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)


PHASES: dict[str, Callable[[Lab, str], None]] = {
    function.__name__: function for function in (stage, prove, live, confirm, revert, deadline, isolation, random_kills)
}


def run(lab: Lab) -> None:
    began = time.monotonic()
    lab.begin()
    with visitors(lab):
        PHASES[sys.argv[2]](lab, sys.argv[3])
        lab.stir()
    report = {"broken": lab.broken, "visitors": judge_answers(lab), "problems": lab.problems[:20]}
    report["seconds"] = round(time.monotonic() - began, 1)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    run(Lab(sys.argv[1]))
