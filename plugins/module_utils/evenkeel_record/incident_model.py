"""An incident as facts. What is not known says so, and why; what only people can judge is not here at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from .incident_clock import iso
from .rollout import Reason

FORMAT = 1


@dataclass(frozen=True)
class Figure:
    """A number with its words. `value` is None where nobody knows it; `why` says how it is known, or why it is not."""

    value: float | None
    text: str
    why: str

    @property
    def known(self) -> bool:
        return self.value is not None


def unknown(why: str) -> Figure:
    return Figure(None, "not known", why)


@dataclass(frozen=True)
class Entry:
    """A line of the timeline. `until` is `at`, or when the last of several hosts said the same."""

    at: datetime
    until: datetime
    who: str
    text: str
    kind: str = "step"


@dataclass(frozen=True)
class Change:
    """A rollout that belongs to the incident."""

    rollout: str
    playbook: str
    outcome: str
    actor: str
    commit: str
    release: str
    before: str
    began: datetime
    sites: tuple[str, ...]


@dataclass(frozen=True)
class Alert:
    """One alert. `ended` is None while it fires; `severity` is page or ticket."""

    name: str
    severity: str
    began: datetime
    ended: datetime | None
    summary: str = ""


@dataclass(frozen=True)
class Away:
    """A host that got no visitors, in the times of the steps that took it out and brought it back."""

    host: str
    out: tuple[datetime, datetime]
    back: tuple[datetime, datetime] | None


@dataclass(frozen=True)
class Incident:
    """All that a report is written from. `why` says why it was written, `unseen` what could not be found out."""

    kind: str
    slug: str
    environment: str
    title: str
    headline: str
    why: str
    began: datetime
    ended: datetime
    sites: tuple[str, ...]
    sites_note: str  # what these sites are, where nobody named those that failed
    hosts: tuple[str, ...]
    failed: Figure
    counted: str
    detect: Figure
    page: Figure
    recover: Figure
    cause: tuple[str, ...]
    cause_note: str
    broken: tuple[Reason, ...]
    timeline: tuple[Entry, ...]
    resolution: tuple[str, ...]
    prevention: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    alerts: tuple[Alert, ...] = ()
    away: tuple[Away, ...] = ()
    unseen: tuple[str, ...] = ()
    left_out: int = 0  # entries of the timeline


def document(incident: Incident, zone: str) -> dict[str, Any]:
    """As `facts.json` holds it: times in UTC, `zone` is the one that the pages show."""
    return {"format": FORMAT, "zone": zone, **plain(asdict(incident))}


def plain(value: Any) -> Any:
    """Times as words, tuples as lists."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value
