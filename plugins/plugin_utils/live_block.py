"""Some lines below the last one that a terminal keeps: who is at work now. Drawn in place, gone when the run has ended.

The cursor stays above the block, so that clearing it is one code and whatever others print lands where it belongs.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TextIO

CLEAR_BELOW = "\r\033[J"
SPINNER = "\u280b\u2819\u2839\u2838\u283c\u2834\u2826\u2827\u2807\u280f"
MAX_LINES = 6
SOON_S = 0.5  # what is over before that would only flicker


class Work(NamedTuple):
    """A task at work on one host, for `age_s` seconds by now."""

    phase: str
    title: str
    host: str
    age_s: float


def fits(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether a block can be drawn: on a terminal that knows how to clear, and is no log."""
    return stream.isatty() and environment.get("TERM", "dumb") not in ("", "dumb")


def lines(works: Sequence[Work], width: int, spin: str = " ") -> list[str]:
    """One line for each task at work with its hosts, the oldest first; no line is wider than the terminal."""
    groups: dict[tuple[str, str], list[Work]] = {}
    for work in sorted((work for work in works if work.age_s >= SOON_S), key=lambda work: -work.age_s):
        groups.setdefault((work.phase, work.title), []).append(work)
    found = [line(phase, title, together, width, spin) for (phase, title), together in groups.items()]
    if len(found) > MAX_LINES:
        found = [*found[: MAX_LINES - 1], cut(f"  and {len(found) - MAX_LINES + 1} more", width)]
    return found


def line(phase: str, title: str, together: Sequence[Work], width: int, spin: str) -> str:
    """`⠋ live      web1, web2  12 s  Make it live`."""
    hosts = ", ".join(sorted({work.host for work in together}))
    hosts = hosts if len(hosts) <= width // 3 else f"{len({work.host for work in together})} hosts"
    return cut(f"{spin} {phase:<9} {hosts}  {together[0].age_s:.0f} s  {title.split(', ')[0]}", width)


def cut(text: str, width: int) -> str:
    """Printable, and narrower than the terminal: a line that wraps would be two."""
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) < width else text[: max(0, width - 2)] + "\u2026"


class LiveBlock:
    """Draws on `stream`; callers see to it that nobody else prints meanwhile."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = False
        self._turn = 0

    def draw(self, works: Sequence[Work]) -> None:
        self._turn = (self._turn + 1) % len(SPINNER)
        found = lines(works, shutil.get_terminal_size().columns, SPINNER[self._turn])
        if not found:
            self.clear()
            return
        # the first line stays empty: what Ansible itself prints lands there
        block = "".join("\n" + line for line in found)
        self._stream.write(f"{CLEAR_BELOW}{block}\r\033[{len(found)}A")
        self._stream.flush()
        self._drawn = True

    def clear(self) -> None:
        if self._drawn:
            self._stream.write(CLEAR_BELOW)
            self._stream.flush()
            self._drawn = False
