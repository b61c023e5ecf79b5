"""Times of an incident as people read them: in their own zone with its offset, and in UTC. Pure, but for the zone's own data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .moment import stamp

LOCALTIME = Path("/etc/localtime")
_FOLDER = "zoneinfo/"
_LAST = 2.5e11  # seconds since 1970: a date that any offset leaves within the year 9999


class UnknownTime(ValueError):
    """Words that are no time, or a zone that nobody knows."""


@dataclass(frozen=True)
class Clock:
    """Writes moments down for people in `zone`, which is called `name`."""

    name: str
    zone: tzinfo

    def full(self, at: datetime) -> str:
        """`2026-10-25 02:30:00 +01:00 (2026-10-25 01:30:00 UTC)`: both, because an hour comes twice when summer time ends."""
        local, utc = at.astimezone(self.zone), at.astimezone(UTC)
        return f"{local:%Y-%m-%d %H:%M:%S} {offset(local)} ({utc:%Y-%m-%d %H:%M:%S} UTC)"

    def time(self, at: datetime) -> str:
        """`02:30:00 +01:00`; for lines below a date."""
        local = at.astimezone(self.zone)
        return f"{local:%H:%M:%S} {offset(local)}"

    def utc(self, at: datetime) -> str:
        return f"{at.astimezone(UTC):%H:%M:%S} UTC"

    def date(self, at: datetime) -> str:
        """`Sunday, 25 October 2026`, in the zone; English whatever the machine speaks."""
        local = at.astimezone(self.zone)
        return f"{_DAYS[local.weekday()]}, {local.day} {_MONTHS[local.month - 1]} {local.year}"

    def moment(self, words: str) -> datetime:
        """What somebody typed. Without an offset it is meant in the zone; UnknownTime when it is no time, or no one time."""
        try:
            found = datetime.fromisoformat(words.strip())
        except ValueError as wrong:
            raise UnknownTime(f"'{words}' is no time; write 2026-10-25T02:30:00, with +01:00 or Z where it matters") from wrong
        return found if found.tzinfo else self._one(found, words)

    def _one(self, naive: datetime, words: str) -> datetime:
        """`naive` in the zone; when summer time ends an hour comes twice, when it begins one never comes."""
        early, late = naive.replace(tzinfo=self.zone, fold=0), naive.replace(tzinfo=self.zone, fold=1)
        if early.utcoffset() == late.utcoffset():
            return early
        both = f"{offset(early)} or {offset(late)}"
        raise UnknownTime(f"'{words}' is not one time in {self.name}, where clocks change then; say {both}")


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = "January February March April May June July August September October November December".split()


def offset(local: datetime) -> str:
    """`+05:30`; a negative one is `-03:00`."""
    east = local.utcoffset() or timedelta()
    minutes = abs(int(east.total_seconds())) // 60
    return f"{'-' if east < timedelta() else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def clock(name: str = "", environ: Mapping[str, str] | None = None, localtime: Path = LOCALTIME) -> Clock:
    """The clock of a zone by its IANA name; UnknownTime when there is none of it. Without a name the machine's own, or UTC."""
    chosen = name or own_name(os.environ if environ is None else environ, localtime)
    try:
        return Clock(chosen, ZoneInfo(chosen))
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        if not name:
            return Clock("UTC", UTC)  # TZ may hold rules instead of a name: CET-1CEST
        raise UnknownTime(f"evenkeel_timezone: '{chosen}' is no time zone of this machine; Europe/Berlin is one") from unknown


def own_name(environ: Mapping[str, str], localtime: Path = LOCALTIME) -> str:
    """The machine's zone. UTC where it has none, or one without a name."""
    if environ.get("TZ", "").lstrip(":"):
        return environ["TZ"].lstrip(":")
    try:
        return str(localtime.readlink()).partition(_FOLDER)[2] or "UTC"
    except OSError:
        return "UTC"


def moment(seconds: float) -> datetime:
    """Of seconds since 1970; a journal may hold anything, so what no calendar has becomes its end."""
    return datetime.fromtimestamp(min(max(seconds, 0.0), _LAST), UTC)


def iso(at: datetime) -> str:
    """`2026-10-25T01:30:00.123Z`, as journals write it."""
    return stamp(at.timestamp())
