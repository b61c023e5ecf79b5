"""Incident reports held against what visitors saw: fleet and client wrote the same evening down, apart from each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from .client.record import GOOD, Visit, failures

SECOND = 1.0  # what a report may be off by
Facts = Mapping[str, Any]
Bounds = tuple[float, float]


def find(record: Path, rollout: str) -> Path | None:
    """The newest report about `rollout` in an environment's record."""
    for facts in sorted(record.glob("incidents/*/facts.json"), reverse=True):
        if any(one["rollout"] == rollout for one in load(facts)["changes"]):
            return facts
    return None


def load(facts: Path) -> Facts:
    return dict(json.loads(facts.read_text(encoding="utf-8")))


def page(facts: Path) -> Path:
    """The newest page beside the facts."""
    return max(facts.parent.glob("report*.html"), key=lambda file: file.stat().st_mtime)


def differences(facts: Facts, visits: Iterable[Visit], start: float, end: float) -> list[str]:
    """Where a report is not what visitors saw from `start` to `end` (Unix times), one sentence each."""
    known = [visit for visit in visits if start <= visit.at <= end]
    began, ended = moment(facts["began"]), moment(facts["ended"])
    if began < start - SECOND or ended > end + SECOND:
        return [f"the report is about {facts['began']} to {facts['ended']}, which is not when it happened"]
    return [*wrong_count(facts, known, began, ended), *wrong_release(facts, known), *wrong_absence(facts, known)]


def wrong_count(facts: Facts, visits: Sequence[Visit], began: float, ended: float) -> Iterator[str]:
    lost = len(failures(visit for visit in visits if began - SECOND <= visit.at <= ended + SECOND))
    if facts["failed"]["value"] != lost:
        yield f"the report says that {facts['failed']['text']} requests failed, the client that {lost} did"


def wrong_release(facts: Facts, visits: Iterable[Visit]) -> Iterator[str]:
    """What was refused, or taken back before visitors came, has answered nobody."""
    candidates = {one["release"] for one in facts["changes"]} - {""}
    met = sum(visit.release in candidates for visit in visits)
    if met and facts["headline"].startswith("No visitor noticed"):
        yield f"the report says that no visitor noticed, and {met} requests were answered by that release"


def wrong_absence(facts: Facts, visits: Sequence[Visit]) -> Iterator[str]:
    """A host's last answer before it was out, and its first one after: both within what the report says, to the second."""
    for gone in facts["away"]:
        answered = sorted(visit.until for visit in visits if visit.server == gone["host"] and visit.outcome == GOOD)
        out, back = bounds(gone["out"]), bounds(gone["back"]) if gone["back"] else None
        middle = (out[1] + (back[0] if back else out[1])) / 2
        last = max((at for at in answered if at <= middle), default=None)
        first = min((at for at in answered if at > middle), default=None)
        yield from misplaced(gone["host"], "last answer before it was taken out", last, out)
        if back:
            yield from misplaced(gone["host"], "first answer after it was back", first, back)


def misplaced(host: str, what: str, at: float | None, said: Bounds) -> Iterator[str]:
    if at is None:
        yield f"the client has no {what} of {host}"
    elif not said[0] - SECOND <= at <= said[1] + SECOND:
        yield f"{host}'s {what} came {at - said[1]:+.1f} s from when the report says"


def bounds(pair: Sequence[str]) -> Bounds:
    return moment(pair[0]), moment(pair[1])


def moment(text: str) -> float:
    """Seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()
