"""What is done to the fleet, over and over, while visitors come."""

from __future__ import annotations

import time
from collections.abc import Iterator

from demo import show
from demo.controller import Run
from demo.evening import ADD_BACKUP, PREPARE, REMOVE_HOST, Evening
from demo.fleet import EDGE, NEWCOMER, WEB, testbed
from demo.result import PUBLISHED, REJECTED, REVERTED
from demo.scenarios import moved, told

from .kills import ONE_RELEASE, kills
from .part import Part, Round

RELOADED, CAME_AND_WENT = "reloaded", "came and went"
RELOAD = "sudo systemctl reload haproxy"
BETWEEN_RELOADS_S = 2.0


def rollouts(evening: Evening, rounds: int) -> Iterator[Round]:
    """Good changes, one after another; each has another release."""
    for number in range(rounds):
        evening.truth.cache_for(301 + number)
        yield pushed(evening)


def rejected(evening: Evening, rounds: int) -> Iterator[Round]:
    for _ in range(rounds):
        before = {host: evening.fleet.current(host) for host in WEB}
        evening.truth.wrong_extension()
        yield pushed(evening, before)


def reverted(evening: Evening, rounds: int) -> Iterator[Round]:
    """It passes every proof and fails when it is live, for the stock folder is hidden from the live unit of one host."""
    for _ in range(rounds):
        before = {host: evening.fleet.current(host) for host in WEB}
        evening.truth.stock_page()
        yield pushed(evening, before)


def pushed(evening: Evening, before: dict[str, str] | None = None) -> Round:
    """Push, and put the truth back; with `before`, every host must serve what it served."""
    began = time.monotonic()
    run = evening.push()
    seconds = time.monotonic() - began
    outcome, message = told(run)
    wrong = moved(evening, before) if before else ()
    evening.truth.put_back()
    return Round(outcome, round(seconds, 1), message, wrong)


def reloads(evening: Evening, rounds: int) -> Iterator[Round]:
    """Both balancers, as logrotate, a package upgrade or a person would do it."""
    for _ in range(rounds):
        began = time.monotonic()
        failed = [host for host in EDGE if evening.fleet.run(host, RELOAD).returncode]
        seconds = time.monotonic() - began
        show.say("reload", " and ".join(EDGE))
        yield Round("not reloaded: " + ", ".join(failed) if failed else RELOADED, round(seconds, 1))
        time.sleep(BETWEEN_RELOADS_S)


def backups(evening: Evening, rounds: int) -> Iterator[Round]:
    """A line comes into the inventory and a bare host into the fleet; then the line goes, and so does the host."""
    for _ in range(rounds):
        began = time.monotonic()
        testbed("down", NEWCOMER)
        evening.fleet.up(NEWCOMER)
        evening.truth.add_host("web_backup", NEWCOMER)
        content = evening.controller.play(PREPARE, "--limit", f"db1,{NEWCOMER}", quiet=True)
        came = evening.controller.play(ADD_BACKUP, "--limit", NEWCOMER)
        wrong = [f"{host} is not in rotation" for host in evening.missing([NEWCOMER])]
        evening.truth.put_back()
        went = evening.controller.play(REMOVE_HOST)
        wrong += [f"{host} still knows {NEWCOMER}" for host in EDGE if NEWCOMER in evening.fleet.rotation(host)]
        testbed("down", NEWCOMER)
        yield Round(came_to(content, came, went), round(time.monotonic() - began, 1), went.last_line(), tuple(wrong))


def came_to(*runs: Run) -> str:
    failed = [run for run in runs if run.process.returncode]
    return f"a playbook failed: {failed[0].last_words()}" if failed else CAME_AND_WENT


PARTS = (
    Part("rollouts", "Good changes go out, one after another.", PUBLISHED, 20, rollouts),
    Part("reloads", "Both balancers reload.", RELOADED, 20, reloads),
    Part("backups", "A backup is added from a bare host, and removed again.", CAME_AND_WENT, 5, backups),
    Part("rejected", "A change that breaks a site is refused.", REJECTED, 1, rejected),
    Part("reverted", "A change that fails only when it is live is taken back.", REVERTED, 1, reverted),
    Part("kills", "The controller dies at moments spread over a rollout.", ONE_RELEASE, 20, kills),
)
