"""The folder of an environment's rollouts: reads journals, writes their pages. The journal is the truth, a page only shows it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from . import entry, journal, page, rollout, summary, timeline
from .entry import Entry
from .journal import FILE_MODE, NAME
from .rollout import Rollout

PAGE = "index.html"
MAX_LISTED = 500  # rollouts in the index


def load(folder: Path) -> Rollout:
    """The rollout in `folder`. OSError where there is no journal."""
    path = folder / NAME
    running = journal.held(path)
    return rollout.from_events(journal.read(path), running)


def make_page(folder: Path) -> Path:
    """Write the page of one rollout, and what the index says of it; OSError where the disk refuses."""
    one = load(folder)
    if one.outcome != rollout.RUNNING:
        write(folder / entry.NAME, entry.to_text(entry.of(one)))
    return write(folder / PAGE, rollout_page(one))


def rollout_page(one: Rollout) -> str:
    every, (diffs, files_left) = summary.found(one), summary.by_site(one)
    shown, rows = every[: summary.MAX_FAILURES], timeline.rows(one)
    return page.render(
        "rollout.html.j2",
        rollout=one,
        headline=summary.headline(one),
        found=shown,
        found_left=summary.unlisted(one, shown, every),
        diffs=diffs,
        files_left=files_left,
        rows=rows,
        kinds=timeline.kinds(rows),
        ticks=timeline.ticks(one.seconds),
        steps=summary.steps(one),
        lost=summary.lost_text(one),
        touched=summary.touched_text(one),
        first_sites=summary.FIRST_SITES,
    )


def make_index(shelf: Path) -> Path:
    """Write the index of an environment: the newest first, and how many older ones there are."""
    folders = rollouts(shelf)
    shown = sorted(listed(folders[:MAX_LISTED]), key=lambda pair: pair[1].began, reverse=True)
    text = page.render("index.html.j2", environment=shelf.name, entries=shown, older=max(0, len(folders) - MAX_LISTED))
    return write(shelf / PAGE, text)


def rollouts(shelf: Path) -> list[Path]:
    """Folders with a journal, the newest name first: names begin with the time."""
    found = (entry for entry in shelf.iterdir() if (entry / NAME).is_file())
    return sorted(found, key=lambda folder: folder.name, reverse=True)


def listed(folders: list[Path]) -> Iterator[tuple[str, Entry]]:
    """A journal that cannot be read any more is no reason to list none."""
    for folder in folders:
        with contextlib.suppress(OSError):
            yield folder.name, entry_of(folder)


def entry_of(folder: Path) -> Entry:
    """Of a rollout that was killed, or goes on, nobody has written one."""
    try:
        return entry.from_text((folder / entry.NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return entry.of(load(folder))


def write(path: Path, text: str) -> Path:
    """In one step: somebody may be reading it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.chmod(FILE_MODE)
    unfinished.replace(path)
    return path
