"""Whether the origin has just lost most of a site. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional


@dataclass(frozen=True)
class Totals:
    """What there is of a site: regular files, and the bytes of all."""

    files: int
    bytes: int

    def as_dict(self) -> dict[str, int]:
        return {"files": self.files, "bytes": self.bytes}


def totals_from(document: Any) -> Optional[Totals]:
    """Totals out of JSON; None where it holds none."""
    try:
        return Totals(int(document["files"]), int(document["bytes"]))
    except (KeyError, TypeError, ValueError):
        return None


def loss(here: Totals, there: Totals, percent: int) -> str:
    """What is missing at the origin, in words, where more than `percent` of files or bytes are gone; else nothing.

    Counts what is gone on balance: a folder that was renamed, or a new version with other names, is no loss.
    """
    found = [_gone("files", here.files, there.files, percent), _gone("bytes", here.bytes, there.bytes, percent)]
    return " and ".join(text for text in found if text)


def deletions_allowed(here: Totals, planned: int, percent: int) -> int:
    """How many deletions rsync may do when it comes to it: what was planned, or what the guard lets pass anyway."""
    return max(planned, here.files * percent // 100, 1)


def _gone(what: str, here: int, there: int, percent: int) -> str:
    gone = here - there
    return "%d of %d %s" % (gone, here, what) if gone > 0 and gone * 100 > here * percent else ""
