"""The lag of every site as node_exporter's textfile collector reads it. Pure; names of sites need no escaping."""

from __future__ import annotations

from collections.abc import Iterable

from .lag import OK, REFUSED, Copy

FILE = "evenkeel_content.prom"


def text(copies: Iterable[Copy], now: float, is_ready: bool, origin_answers: bool) -> str:
    """All lines; a site that was never copied has a success time of 0 and no lag."""
    copies = list(copies)
    lags = [(copy.site, lag) for copy in copies if (lag := copy.lag_s(now)) is not None]
    times = [(copy.site, copy.success_at or 0.0) for copy in copies]
    refused = [(copy.site, float(copy.outcome == REFUSED)) for copy in copies]
    failed = [(copy.site, float(copy.outcome not in ("", OK, REFUSED))) for copy in copies]
    families = [
        ("lag_seconds", "Seconds since the site was last seen equal to the origin.", lags),
        ("last_success_timestamp_seconds", "When that was; 0: never.", times),
        ("bytes", "Bytes of the site here.", [(copy.site, float(copy.bytes)) for copy in copies]),
        ("refused", "1 where the origin lost most of the site and the copy was kept.", refused),
        ("failed", "1 where the last copy did not succeed.", failed),
    ]
    lines = [line for name, told, values in families for line in _family(name, told, values)]
    lines += _single("ready", "1 where the host may get visitors.", is_ready)
    lines += _single("origin_answers", "1 where the last run reached the origin.", origin_answers)
    return "\n".join(lines) + "\n"


def _family(name: str, told: str, values: Iterable[tuple[str, float]]) -> list[str]:
    name = "evenkeel_content_" + name
    head = ["# HELP %s %s" % (name, told), "# TYPE %s gauge" % name]
    return head + ['%s{site="%s"} %.0f' % (name, site, value) for site, value in values]


def _single(name: str, told: str, value: bool) -> list[str]:
    name = "evenkeel_content_" + name
    return ["# HELP %s %s" % (name, told), "# TYPE %s gauge" % name, "%s %d" % (name, value)]
