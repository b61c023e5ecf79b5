"""Reports of pages, written on the monitoring host while somebody is on the way: one report for each page, until it is over.

It knows what monitoring knows. `playbooks/incident.yml` writes the same again with the journals of rollouts.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from .incident_clock import Clock, moment
from .incident_figures import questions
from .incident_folder import Written, write
from .incident_folder import replace as put
from .incident_span import of_span, seen, with_summaries

FIRING = 'ALERTS_FOR_STATE{severity="page"} and ignoring(alertstate) ALERTS{alertstate="firing",severity="page"}'
STATE = "page.json"
LEAD_S = 300.0  # visitors notice before an alert does
QUIET_S = 600.0  # pages that come sooner after another are the same incident
ENDED_S = 60.0
KEPT = 50  # reports; people have taken theirs by then


class Asked(Protocol):
    """Prometheus and Alertmanager of this host; OSError when they do not answer."""

    def instant(self, query: str) -> list[float]: ...

    def ranges(self, queries: Mapping[str, Mapping[str, str]]) -> dict[str, Any]: ...

    def alerts(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Page:
    """Somebody was paged: since `began` an alert was true, at `last` one fired still. Seconds since 1970."""

    environment: str
    began: float
    last: float
    written: float = 0.0

    def due(self, now: float) -> bool:
        """A page that lasts for hours is a long time to ask for, so that it is asked for less often."""
        return now - self.written >= min(60.0, max(15.0, (now - self.began) / 20))


def look(folder: Path, environment: str, asked: Asked, clock: Clock, now: float) -> Written | None:
    """One look: the report that was written, if one was. OSError where nobody answers, or the disk refuses."""
    known, firing = load(folder / STATE), asked.instant(FIRING)
    if firing:
        known = replace(known or Page(environment, min(firing), now), last=now)
    if known is None:
        return None
    over = now - known.last > QUIET_S
    written = report(folder, known, asked, clock, now) if over or known.due(now) else None
    if over:
        (folder / STATE).unlink(missing_ok=True)
        prune(folder / environment / "incidents")
    else:
        put(folder / STATE, json.dumps(asdict(replace(known, written=now if written else known.written))))
    return written


def load(path: Path) -> Page | None:
    """None where no page is open; a file that cannot be read is none, and the page is found again while it fires."""
    try:
        return Page(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def report(folder: Path, page: Page, asked: Asked, clock: Clock, now: float) -> Written:
    began, until = page.began - LEAD_S, min(now, page.last + ENDED_S)
    span = moment(began), moment(until)
    known = seen(asked.ranges(questions(began, until)), "Prometheus did not answer", *span)
    if known.alerts:
        known = replace(known, alerts=with_summaries(known.alerts, asked.alerts()))
    return write(folder, replace(of_span(page.environment, *span, [], known), why="somebody was paged"), clock)


def prune(folder: Path) -> None:
    """Names begin with the time."""
    for old in sorted(folder.iterdir(), reverse=True)[KEPT:] if folder.is_dir() else ():
        shutil.rmtree(old, ignore_errors=True)
