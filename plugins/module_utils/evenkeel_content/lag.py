"""How far behind the origin each site is, and whether that keeps a host from being ready. Pure; times are seconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

OK, REFUSED, FAILED = "ok", "refused", "failed"


@dataclass(frozen=True)
class Copy:
    """One site on this host. `success_at` is when it was last seen equal to the origin, None: never."""

    site: str
    success_at: Optional[float]
    outcome: str
    message: str
    bytes: int

    def lag_s(self, now: float) -> Optional[float]:
        """Seconds for which the origin may have had something newer; None where nothing was ever copied."""
        return None if self.success_at is None else max(0.0, now - self.success_at)


def copy_of(site: str, state: Mapping[str, Any], run: Mapping[str, Any]) -> Copy:
    """What the site's own state and the last run say together; who was found equal since has no trouble any more."""
    equal = run.get("equal")
    seen = _time(equal.get(site)) if isinstance(equal, dict) else None
    success, tried = _time(state.get("success_at")), _time(state.get("tried_at"))
    outcome, told = str(state.get("outcome", "")), str(state.get("message", ""))
    if seen is not None and (tried is None or seen > tried):
        outcome, told = OK, ""
    known = [time for time in (seen, success) if time is not None]
    size = state.get("bytes")
    return Copy(site, max(known, default=None), outcome, told, size if isinstance(size, int) else 0)


def doubt(copy: Copy, now: float, away_since: Optional[float], limit_s: int) -> str:
    """Why a site keeps its host from being ready; nothing where it does not.

    While the origin is away nobody has anything newer, so that time does not count: a dead origin takes no replica with it.
    A loss that was refused does not count either, because what is here is more than what the origin has.
    """
    if copy.success_at is None:
        return "%s was never copied%s" % (copy.site, ": " + copy.message if copy.message else "")
    behind = (away_since if away_since is not None else now) - copy.success_at
    if copy.outcome == REFUSED or behind <= limit_s:
        return ""
    return "%s is %d s behind, more than %d%s" % (copy.site, behind, limit_s, ": " + copy.message if copy.message else "")


def away_since(run: Mapping[str, Any]) -> Optional[float]:
    """Since when every run found the origin away."""
    return _time(run.get("away_since"))


def _time(value: Any) -> Optional[float]:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
