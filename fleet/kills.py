"""The controller dies at moments spread over a rollout: the fleet comes to one release by itself, and nobody notices."""

from __future__ import annotations

import time
from collections.abc import Iterator

from demo import show
from demo.evening import PUSH, SOAK, Evening, demand
from demo.fleet import EDGE, WEB, wait_until

from .part import Round

ONE_RELEASE = "one release"
DEADLINE_S = 15
GRACE_S = 5  # for noticing that the deadline has passed, going back, and verifying
STRENGTH_S = 180  # until a dead rollout's drains and lock have ended, too
OPTIONS = (*SOAK, "-e", f"deadline_s={DEADLINE_S}")


def kills(evening: Evening, rounds: int) -> Iterator[Round]:
    length_s = min(unharmed(evening, 990 + number) for number in range(3))  # the first opens connections, too
    show.say("push", f"An unharmed one takes {length_s:.1f} s; {rounds} are killed at moments spread over as long")
    for number in range(rounds):
        evening.truth.cache_for(1000 + number)
        yield killed(evening, length_s * (number + 0.5) / rounds)
        evening.truth.put_back()
    yield from converged(evening)


def unharmed(evening: Evening, seconds: int) -> float:
    """How long a push takes here and now, that lets a site be kept for so many `seconds`."""
    evening.truth.cache_for(seconds)
    began = time.monotonic()
    demand(evening.controller.play(PUSH, *OPTIONS))
    evening.truth.put_back()
    return time.monotonic() - began


def killed(evening: Evening, after_s: float) -> Round:
    """One push whose controller dies `after_s` seconds after it began."""
    before = evening.fleet.current(WEB[0])
    run = evening.controller.start(PUSH, *OPTIONS, quiet=True)
    time.sleep(after_s)
    ended = run.ended
    evening.controller.kill(run)
    began = time.monotonic()
    at = f"killed after {after_s:.1f} s" + (", when it had ended" if ended else f" ({run.last_line()})")
    show.say("kill", at)
    one = wait_until(lambda: is_one(evening), DEADLINE_S + GRACE_S, pause_s=0.2)
    seconds = time.monotonic() - began
    kept = evening.fleet.current(WEB[0]) == before
    which = "the one of before" if kept else "the new one"
    show.say("release", f"{which} on every host, {seconds:.1f} s later" if one else "not one on every host")
    free = wait_until(lambda: not evening.missing() and not is_held(evening), STRENGTH_S)
    wrong = () if free else (f"not every host was in rotation, or the lock was still held, {STRENGTH_S} s later",)
    return Round(ONE_RELEASE if one else "several releases", round(seconds, 1), at, wrong)


def is_one(evening: Evening) -> bool:
    """Whether every active host serves the same release and waits for nothing."""
    known = [evening.fleet.status(host) for host in WEB]
    return len({status.get("current") for status in known}) == 1 and not any(status.get("pending") for status in known)


def is_held(evening: Evening) -> bool:
    """Whether a balancer keeps the next rollout out; it would be refused, and its controller's death would show nothing."""
    return any(evening.fleet.status(balancer).get("claim") for balancer in EDGE)


def converged(evening: Evening) -> Iterator[Round]:
    """The next run after all of that publishes what the inventory says."""
    began = time.monotonic()
    run = evening.controller.play(PUSH, *OPTIONS)
    good = run.process.returncode == 0 and is_one(evening)
    yield Round(ONE_RELEASE if good else "the next push failed", round(time.monotonic() - began, 1), "the next push converged")
