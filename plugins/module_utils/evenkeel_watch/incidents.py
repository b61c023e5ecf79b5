"""Summaries of incidents that a person has published, one file each. Pure text, shown as text.

# Sites answered with errors
From: 2026-11-22 18:40 UTC
Until: 2026-11-22 20:10 UTC

What happened, in words for customers. An empty line begins a new paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC\Z")
LONGEST = 20_000
SHOWN = 20


@dataclass(frozen=True)
class Incident:
    """`until` is empty while it lasts."""

    title: str
    since: str
    until: str
    paragraphs: tuple[str, ...]


def parsed(text: str) -> Incident:
    """ValueError, which says what is missing."""
    head, _, body = text.strip().partition("\n\n")
    first, *lines = head.splitlines() or [""]
    facts = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    since, until = facts.get("from", ""), facts.get("until", "")
    if not first.startswith("# ") or not _MOMENT.match(since) or (until and not _MOMENT.match(until)):
        raise ValueError("it begins with `# title`, `From: 2026-11-22 18:40 UTC` and, once it is over, `Until:` like that")
    paragraphs = tuple(" ".join(part.split()) for part in body.split("\n\n") if part.strip())
    return Incident(first[2:].strip(), since, until, paragraphs)


def load(folder: Path) -> tuple[list[Incident], list[str]]:
    """The youngest first, and what is wrong with those that are left out."""
    found, problems = [], []
    for path in sorted(folder.glob("*.md")):
        try:
            found.append(parsed(path.read_text(encoding="utf-8")[:LONGEST]))
        except (OSError, ValueError) as error:
            problems.append("%s is not shown: %s" % (path.name, error))
    return youngest(found), problems


def youngest(incidents: Iterable[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda one: one.since, reverse=True)[:SHOWN]
