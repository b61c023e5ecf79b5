"""What the person in front of the screen reads: one line a step, with the time since the start."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_BEGAN = time.monotonic()


def clock() -> str:
    minutes, seconds = divmod(int(time.monotonic() - _BEGAN), 60)
    return f"{minutes:2}:{seconds:02}"


def title(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def say(step: str, text: str) -> None:
    print(f"{clock()} {step:>9} | {text}", flush=True)


def quote(text: str) -> None:
    """A line of somebody else's output."""
    print(f"{'':15} | {text}", flush=True)


@contextmanager
def waiting(step: str, text: str, limit_s: float) -> Iterator[None]:
    """Says what is being waited for and how long that can be, then how long it was."""
    say(step, f"{text} (up to {limit_s:.0f} s)")
    began = time.monotonic()
    yield
    say(step, f"done after {time.monotonic() - began:.1f} s")


def complain(text: str) -> None:
    print(f"demo: {text}", file=sys.stderr, flush=True)
