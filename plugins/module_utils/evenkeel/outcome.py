"""What came of one call of the engine, for a module, a command line and a rollout's report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Optional

UNCHANGED = "unchanged"
PLANNED = "planned"
STAGED = "staged"
PROVED = "proved"
REJECTED = "rejected"
LIVE = "live"
CONFIRMED = "confirmed"
REVERTED = "reverted"
REVERT_FAILED = "revert_failed"
NEEDS_PAYLOAD = "needs_payload"

FAILED = frozenset({REJECTED, REVERT_FAILED})


@dataclass(frozen=True)
class Outcome:
    """`message` ends with the `asides`, what an operator must read besides the outcome; `seconds` by phase; `diff` is Ansible's
    `prepared` text; `verdict` is the document kept on the host."""

    outcome: str
    changed: bool
    release: str
    message: str
    previous: Optional[str] = None
    known_good: Optional[str] = None
    held_back: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    failed_sites: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    verdict: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    diff: str = ""

    def document(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)
