"""How long a push took is known also to somebody who was busy when it ended."""

from __future__ import annotations

import subprocess
import time

from chaos.push import FIRST_GUESS_S, Pace, Push


def push(script: str) -> Push:
    return Push(subprocess.Popen(["sh", "-c", script]))


def test_a_push_that_ended_meanwhile_took_no_longer_for_it():
    one = push("exit 2")
    time.sleep(0.5)
    assert one.wait(5) == 2
    assert one.took_s is not None and one.took_s < 0.4


def test_a_push_under_way_has_no_status_until_it_is_killed():
    one = push("exec sleep 60")
    assert one.wait(0.1) is None and one.took_s is None
    one.kill()
    assert one.wait(5) == -9


def test_good_and_bad_pushes_are_timed_apart():
    pace = Pace()
    for seconds in (9.0, 9.0, 9.0):
        pace.learn(True, seconds)
    assert pace.typical_s(good=True) == 9.0
    assert pace.typical_s(good=False) == FIRST_GUESS_S[False]


def test_one_slow_push_changes_little():
    pace = Pace()
    for seconds in (5.0, 5.0, 5.0, 5.0, 90.0):
        pace.learn(True, seconds)
    assert pace.typical_s(good=True) == 5.0
