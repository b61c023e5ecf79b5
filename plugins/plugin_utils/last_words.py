"""What callbacks have to say before a run's last line, which belongs to the one that prints the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Speaker = Callable[[Any], list[str]]
_speakers: list[Speaker] = []


def before(speaker: Speaker) -> None:
    """Have `speaker` asked once, with the run's statistics, when the run is over; it answers with lines."""
    _speakers.append(speaker)


def spoken(stats: Any) -> Iterator[str]:
    """The lines of all that have not spoken yet. Whoever asks first prints them: Ansible asks the terminal before all others."""
    while _speakers:
        yield from _speakers.pop(0)(stats)
