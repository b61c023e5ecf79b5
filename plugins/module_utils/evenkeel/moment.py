"""Points in time and spans, spelled for people."""

from __future__ import annotations

import time


def age_text(seconds: float) -> str:
    """How long ago, for people."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return "%d %s" % (seconds // size, unit)
    return "%d s" % max(0, int(seconds))


def timestamp(seconds: float) -> str:
    """UTC, as in journals and verdicts."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
