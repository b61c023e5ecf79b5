"""What monitoring said of a rollout that was taken back: a file beside its journal, which its incident report reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .incident_clock import UnknownTime, clock
from .incident_span import Seen, seen, with_summaries
from .journal import FILE_MODE

FILE = "monitoring.json"


def keep(folder: Path, heard: Mapping[str, Any]) -> None:
    """OSError where the disk refuses."""
    path = folder / FILE
    path.touch(FILE_MODE)
    path.write_text(json.dumps(heard) + "\n", encoding="utf-8")


def load(folder: Path) -> Seen | None:
    """None where nobody asked, or what was kept cannot be read: the report is written without it."""
    try:
        heard = json.loads((folder / FILE).read_text(encoding="utf-8"))
        began, until = (clock().moment(heard[name]) for name in ("from", "until"))
        known = seen(heard["answers"], heard["problem"], began, until)
        return replace(known, alerts=with_summaries(known.alerts, heard["alerts"])) if known.alerts else known
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UnknownTime):
        return None
