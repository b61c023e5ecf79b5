"""Who was up on which day, kept for as long as the page shows it: one small file a day, so that no question spans months."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

from .memory import write
from .prometheus import Sample
from .uptime import Share, seen, spans

DAYS = 90
Day = dict[str, Share]  # by site


class Asked(Protocol):
    """Prometheus."""

    def query(self, expression: str, at: float) -> list[Sample]: ...


@dataclass
class History:
    """`until` is when somebody looked last, in seconds since 1970; days by their date, 2026-11-22."""

    until: float = 0.0
    days: dict[str, Day] = field(default_factory=dict)

    def catch_up(self, asked: Asked, now: float, interval_s: float) -> set[str]:
        """Ask for what was not asked for yet; the dates that changed. Silent when Prometheus does not answer."""
        changed = set()
        for start, end in spans(self.until or now - 60, now):
            date = date_of(start)
            day = self.days.setdefault(date, {})
            for site, share in _shares(asked, end - start, end, interval_s).items():
                day[site] = day.get(site, Share()) + share
            changed.add(date)
            self.until = end
        return changed


def _shares(asked: Asked, window_s: float, at: float, interval_s: float) -> dict[str, Share]:
    window = "[%dms]" % round(window_s * 1000)
    visits = asked.query('max by (site) (count_over_time(probe_success{job="site"}%s))' % window, at)
    well = asked.query('max by (site) (avg_over_time(probe_success{job="site"}%s))' % window, at)
    shares = {one.labels.get("site", ""): one.value for one in well}
    known = ((one.labels.get("site", ""), one.value) for one in visits)
    return {site: seen(window_s, count, shares[site], interval_s) for site, count in known if site in shares}


def date_of(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d")


def dates(now: float, count: int = DAYS) -> list[str]:
    """The last days, today the last."""
    today = datetime.fromtimestamp(now, timezone.utc)
    return [(today - timedelta(days=back)).strftime("%Y-%m-%d") for back in range(count - 1, -1, -1)]


def load(folder: Path, now: float) -> History:
    """A day that cannot be read is unknown."""
    days = {date: _day(folder / (date + ".json")) for date in dates(now)}
    try:
        until = float((folder / "until").read_text(encoding="ascii"))
    except (OSError, ValueError):
        until = 0.0
    return History(min(until, now), {date: day for date, day in days.items() if day})


def _day(path: Path) -> Day:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return {str(site): Share(float(up), float(down)) for site, (up, down) in raw.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def save(folder: Path, history: History, changed: set[str], now: float) -> None:
    """The days first: a crash in between counts a minute twice, and never loses one unseen."""
    folder.mkdir(parents=True, exist_ok=True)
    for date in sorted(changed):
        raw = {site: [round(share.up, 1), round(share.down, 1)] for site, share in sorted(history.days[date].items())}
        write(folder / (date + ".json"), json.dumps(raw))
    write(folder / "until", "%.3f" % history.until)
    kept = set(dates(now))
    for path in folder.glob("????-??-??.json"):
        if path.stem not in kept:
            path.unlink()
