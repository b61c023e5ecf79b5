"""What `playbooks/incident.yml` asks for: the questions to the monitoring host, then the reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import incident, shelf
from .incident_clock import Clock, UnknownTime, clock, iso
from .incident_figures import questions
from .incident_folder import Written, folder_of
from .incident_rollout import of_rollout
from .incident_rule import why
from .incident_span import seen, with_summaries
from .recorder import safe

Answer = dict[str, Any]


def planned(wanted: Mapping[str, Any], check: bool) -> Answer:
    """The questions, by name; none where no time is given. UnknownTime for words that are no time."""
    chosen = clock(wanted["timezone"])
    if not wanted["from"] and not wanted["until"]:
        return {"changed": False, "queries": {}}
    began, until = bounds(wanted, chosen)
    return {"changed": False, "queries": questions(began.timestamp(), until.timestamp())}


def heard(wanted: Mapping[str, Any], check: bool) -> Answer:
    """What monitoring said, for the record of the run to keep. UnknownTime for words that are no time."""
    began, until = bounds(wanted, clock(wanted["timezone"]))
    said = {name: wanted[name] for name in ("answers", "alerts", "problem")}
    return {"changed": False, "heard": {"from": iso(began), "until": iso(until), **said}}


def bounds(wanted: Mapping[str, Any], chosen: Clock) -> tuple[datetime, datetime]:
    """From when until when; until now where nobody says until when."""
    if not wanted["from"]:
        raise UnknownTime("say from when, too: -e from=2026-10-25T22:00:00")
    began = chosen.moment(wanted["from"])
    until = chosen.moment(wanted["until"]) if wanted["until"] else datetime.now(UTC)
    if until <= began:
        raise UnknownTime(f"'{wanted['until'] or 'now'}' is not after '{wanted['from']}'")
    return began, until


def written(wanted: Mapping[str, Any], check: bool) -> Answer:
    """The reports, unless in check mode. UnknownTime for words that are no time, OSError where the disk refuses."""
    chosen, record = clock(wanted["timezone"]), Path(wanted["record_dir"])
    if not wanted["from"] and not wanted["until"]:
        return told(list(missing(record, wanted["environment"], chosen, check)), "no rollout of the record lacks a report")
    began, until = bounds(wanted, chosen)
    known = seen(wanted["answers"], wanted["problem"], began, until)
    if known.alerts:
        known = replace(known, alerts=with_summaries(known.alerts, wanted["alerts"]))
    if check:
        return {"changed": True, "message": "a report would be written"}
    return told([incident.of_time(record, wanted["environment"], began, until, known, chosen)], "")


def missing(record: Path, environment: str, chosen: Clock, check: bool) -> Iterator[Written]:
    """Reports of the rollouts that should have one and have none: those whose controller was killed, most often."""
    folder = record / safe(environment)
    for one in shelf.rollouts(folder) if folder.is_dir() else []:
        with suppress(FileNotFoundError):
            found = shelf.load(one)
            if why(found) and not folder_of(record, of_rollout(found)).exists() and not check:
                report = incident.of_journal(one, chosen)
                if report:
                    yield report


def told(reports: list[Written], nothing: str) -> Answer:
    """One line a report, and what was left alone because somebody had edited it."""
    lines = [line for report in reports for line in report.lines()]
    return {
        "changed": bool(reports),
        "message": "\n".join(lines) or nothing,
        "reports": [str(file) for report in reports for file in report.files],
    }
