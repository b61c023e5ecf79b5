"""Points in time, as journals spell them and as people read them."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(seconds: float) -> str:
    """Seconds since 1970 as `2026-11-22T23:30:59.123Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def seconds(text: object) -> float:
    """Seconds since 1970 of what `stamp` wrote; ValueError for anything else."""
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no zone")
    return moment.timestamp()


def day_text(at: float) -> str:
    """`22 November 2026, 23:30:59 UTC`."""
    return datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y, %H:%M:%S UTC")


def clock_text(at: float) -> str:
    """`23:30:59`, where the day is known."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def span_text(length: float) -> str:
    """`0.4 s`, `42 s`, `3 min 5 s` or `2 h 10 min`; what is negative, because a clock was set, is nothing."""
    length = max(0.0, length)
    if length < 9.95:
        return f"{length:.1f} s"
    whole = round(length)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
