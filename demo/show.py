"""What the person in front of the screen reads: one line a step, with the time since the start."""

from __future__ import annotations

import shutil
import sys
import textwrap
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
    """A line of somebody else's output, its continuation below it where the screen ends."""
    own = " " * (len(text) - len(text.lstrip()) + 2)
    for part in wrapped(text, own):
        print(f"{'':15} | {part}", flush=True)


def paragraph(text: str) -> None:
    for line in text.strip().splitlines():
        for part in wrapped(line, ""):
            print("  " + part, flush=True)


def wrapped(text: str, indent: str) -> list[str]:
    """`text` in lines that fit the screen; what is no screen gets long ones."""
    width = max(60, shutil.get_terminal_size((180, 25)).columns - 20)
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


@contextmanager
def waiting(step: str, text: str, limit_s: float) -> Iterator[None]:
    """Says what is being waited for and how long that can be, then how long it was."""
    say(step, f"{text} (up to {limit_s:.0f} s)")
    began = time.monotonic()
    yield
    say(step, f"done after {time.monotonic() - began:.1f} s")


def complain(text: str) -> None:
    print(f"demo: {text}", file=sys.stderr, flush=True)
