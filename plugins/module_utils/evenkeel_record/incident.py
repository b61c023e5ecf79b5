"""Incident reports of the record: written by themselves when a rollout mattered, and for any time that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from . import shelf, witness
from .incident_clock import Clock, UnknownTime, clock
from .incident_folder import Written, write
from .incident_rollout import of_rollout
from .incident_rule import why
from .incident_span import Seen, of_span, witnessed
from .recorder import safe
from .rollout import RUNNING, Rollout


def of_journal(folder: Path, clock: Clock) -> Written | None:
    """The report of the rollout in `folder`, where it needs one; OSError where the disk refuses, or there is no journal."""
    one = shelf.load(folder)
    if not why(one):
        return None
    it, known = of_rollout(one), witness.load(folder)
    return write(folder.parent.parent, witnessed(it, one, known) if known else it, clock)


def clock_of(zone: str) -> tuple[Clock, str]:
    """The clock of a zone; where there is none of that name the machine's own, and what is wrong. A report is not lost for it."""
    try:
        return clock(zone), ""
    except UnknownTime as unknown:
        return clock(), str(unknown)


def of_time(record: Path, environment: str, began: datetime, until: datetime, seen: Seen, clock: Clock) -> Written:
    """The report of everything between `began` and `until`."""
    return write(record, of_span(environment, began, until, list(during(record / safe(environment), began, until)), seen), clock)


def during(folder: Path, began: datetime, until: datetime) -> Iterator[Rollout]:
    """The recorded rollouts that overlap a time, the oldest first; a journal that cannot be read is passed over."""
    for one in reversed(shelf.rollouts(folder) if folder.is_dir() else []):
        with suppress(OSError):
            found = shelf.load(one)
            if found.began <= until.timestamp() and (found.ended >= began.timestamp() or found.outcome == RUNNING):
                yield found
