"""An incident as Markdown and as one self-contained HTML page, from the same facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, StrictUndefined

from . import incident_words as words
from . import page
from .incident_clock import Clock
from .incident_model import Entry, Figure, Incident

_LOOKS = {"rejected": ("good", "✓"), "reverted": ("good", "↩"), "revert_failed": ("bad", "!")}
_SHOWN = 20  # pages that were wrong, sites, hosts


def markdown(incident: Incident, clock: Clock) -> str:
    return environment().get_template("incident.md.j2").render(context(incident, clock)).rstrip() + "\n"


def html(incident: Incident, clock: Clock) -> str:
    look, mark = _LOOKS.get(incident.kind, ("unsure", "?"))
    return page.render("incident.html.j2", look=look, mark=mark, **context(incident, clock)).rstrip() + "\n"


@cache
def environment() -> Environment:
    """Of Markdown; every value goes through a filter that makes it text."""
    jinja = Environment(
        loader=page.templates(), autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    jinja.filters.update(markdown=words.markdown, code=words.code)
    return jinja


def context(incident: Incident, clock: Clock) -> dict[str, Any]:
    """What both templates read, without a character that nobody sees."""
    it = words.clean(incident)
    return {
        "it": it,
        "clock": clock,
        "span": span(clock),
        "between": between(clock),
        "figures": figures(it),
        "days": days(it.timeline, clock),
        "gaps": gaps(it),
        "sites": some(it.sites),
        "hosts": some(it.hosts),
        "shown": it.broken[:_SHOWN],
        "left": max(0, len(it.broken) - _SHOWN),
    }


def figures(incident: Incident) -> list[tuple[str, Figure]]:
    """The table of the summary."""
    names = ("Requests that failed", "Time to detect", "Time to page", "Time to recover")
    return list(zip(names, (incident.failed, incident.detect, incident.page, incident.recover), strict=True))


def gaps(incident: Incident) -> list[str]:
    """Everything that is not known, and why."""
    named = [f"{name}: {figure.why}" for name, figure in figures(incident) if not figure.known]
    return [*named, *incident.unseen]


def days(entries: Iterable[Entry], clock: Clock) -> list[tuple[str, list[Entry]]]:
    """By day in the zone, each with its weekday."""
    return [(day, list(found)) for day, found in groupby(entries, lambda entry: clock.date(entry.at))]


def span(clock: Clock) -> Callable[[Entry], str]:
    """`23:31:02 +01:00`, or `23:31:02 +01:00 to 23:31:05 +01:00` where hosts took different times."""

    def told(entry: Entry) -> str:
        first, last = clock.time(entry.at), clock.time(entry.until)
        return first if first == last else f"{first} to {last}"

    return told


def between(clock: Clock) -> Callable[[tuple[datetime, datetime]], str]:
    """`between 23:31:02 +01:00 and 23:31:04 +01:00`: a step says when it began and ended, not when what it did was done."""

    def told(bounds: tuple[datetime, datetime]) -> str:
        return f"between {clock.time(bounds[0])} and {clock.time(bounds[1])}"

    return told


def some(found: Sequence[str]) -> list[str]:
    """The first of them, and how many there are besides."""
    left = len(found) - _SHOWN
    return [*found[:_SHOWN], *([f"and {left} more"] if left > 0 else [])]
