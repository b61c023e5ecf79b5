"""What happened to releases on this host, one JSON line an event; written for audits and for the next person."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .host import Host
from .moment import timestamp

_SITES = 5  # that an event names


@dataclass(frozen=True)
class Author:
    """On whose behalf the engine works: a rollout's id, a person, and the truth's commit."""

    rollout: str = ""
    actor: str = ""
    commit: str = ""


def record(
    host: Host, event: str, release: str, author: Author, message: str = "", touched: Optional[Sequence[str]] = None
) -> None:
    """Append one event; of the sites that it `touched`, their number and the first few. OSError when the disk refuses."""
    line: dict[str, Any] = {
        "at": timestamp(host.clock.now()),
        "event": event,
        "release": release,
        "rollout": author.rollout,
        "actor": author.actor,
        "commit": author.commit,
        "message": message,
        **({} if touched is None else {"sites": list(touched[:_SITES]), "touched": len(touched)}),
    }
    host.disk.make_folder(host.paths.var, 0o750)
    host.disk.append(host.paths.journal, (json.dumps(line, sort_keys=True) + "\n").encode())


def try_record(
    host: Host, event: str, release: str, author: Author, message: str = "", touched: Optional[Sequence[str]] = None
) -> None:
    """As `record`, for a revert: a full disk must not stand in its way."""
    with contextlib.suppress(OSError):
        record(host, event, release, author, message, touched)


def read(host: Host, last: int) -> list[dict[str, Any]]:
    """The last events, the oldest first; lines that a crash cut short are left out."""
    try:
        with open(host.paths.journal, encoding="utf-8", errors="replace") as stream:
            lines = stream.readlines()[-last:]
    except FileNotFoundError:
        return []
    return [event for event in map(_parsed, lines) if event]


def _parsed(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
