"""What the watch tells Prometheus, as node_exporter's textfile collector reads it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .memory import Case

SHOWN = 20  # sites of a rollout; a thousand at once are one page, not a thousand series
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})


def text(cases: Mapping[str, Case], now: float) -> str:
    """All lines; a rollout that nobody complains of has one that says so."""
    lines = [
        "# HELP evenkeel_watch_regression A site that a rollout broke after its confirm.",
        "# TYPE evenkeel_watch_regression gauge",
    ]
    told = [case for _, case in sorted(cases.items()) if case.rings(now)]
    lines += [
        _line("regression", 1, pool=case.pool, rollout=case.rollout, site=site) for case in told for site in case.broken[:SHOWN]
    ]
    lines += ["# HELP evenkeel_watch_sites How many sites the rollout broke.", "# TYPE evenkeel_watch_sites gauge"]
    lines += [_line("sites", len(case.broken), rollout=case.rollout) for case in told]
    lines += ["# HELP evenkeel_watch_state What the watch makes of a rollout.", "# TYPE evenkeel_watch_state gauge"]
    lines += [_line("state", 1, rollout=case.rollout, state=case.state) for _, case in sorted(cases.items())]
    lines += [
        "# HELP evenkeel_watch_timestamp_seconds When the watch looked last.",
        "# TYPE evenkeel_watch_timestamp_seconds gauge",
    ]
    lines += [_line("timestamp_seconds", now)]
    return "\n".join(lines)


def _line(name: str, value: float, **labels: str) -> str:
    shown = ",".join('%s="%s"' % (label, escaped(said)) for label, said in labels.items())
    return "evenkeel_watch_%s%s %s" % (name, "{%s}" % shown if shown else "", "%.3f" % value if value % 1 else "%d" % value)


def escaped(value: str) -> str:
    """`value` as it may stand between quotes."""
    return _UNPRINTABLE.sub(" ", value[:200]).translate(_ESCAPES)
