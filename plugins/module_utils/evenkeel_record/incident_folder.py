"""Where reports lie: `record/<environment>/incidents/<when>-<slug>/`. What a person has edited is never overwritten."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from .incident_clock import Clock
from .incident_model import Incident, document
from .incident_page import html, markdown
from .incident_words import slug
from .journal import FILE_MODE, FOLDER_MODE
from .recorder import safe

FACTS = "facts.json"
_WRITTEN = "written"


@dataclass(frozen=True)
class Written:
    """The files of a report. `edited` names what somebody had edited, so that it was left alone and a new file made."""

    folder: Path
    files: tuple[Path, ...]
    edited: tuple[Path, ...]

    @property
    def page(self) -> Path:
        return next(file for file in self.files if file.suffix == ".html")

    def lines(self) -> list[str]:
        """What a run says of it."""
        left = [f"Left alone, because somebody edited it: {file}" for file in self.edited]
        return [f"Incident report: {self.page}", *left]


def folder_of(record: Path, incident: Incident) -> Path:
    """The same incident has the same folder, however often it is written down."""
    when = f"{incident.began:%Y%m%dT%H%M%SZ}"
    return record / safe(incident.environment) / "incidents" / f"{when}-{slug(incident.slug)}"


def write(record: Path, incident: Incident, clock: Clock) -> Written:
    """Both pages and the facts. OSError where the disk refuses; a file is there whole or not at all."""
    folder = folder_of(record, incident)
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    known = hashes(folder / FACTS)
    files, edited = [], []
    for suffix, text in ((".md", markdown(incident, clock)), (".html", html(incident, clock))):
        path, passed = free(folder, suffix, known)
        edited += passed
        replace(path, text)
        files.append(path)
        known[path.name] = digest(text.encode())
    facts = {**document(incident, clock.name), _WRITTEN: known}
    replace(folder / FACTS, json.dumps(facts, indent=1, ensure_ascii=True) + "\n")
    return Written(folder, tuple(files), tuple(edited))


def free(folder: Path, suffix: str, known: Mapping[str, str]) -> tuple[Path, list[Path]]:
    """The first of `report`, `report-2`, ... that is not there or is as it was written, and those that were edited."""
    edited: list[Path] = []
    for number in count(1):
        path = folder / f"report{f'-{number}' if number > 1 else ''}{suffix}"
        if not path.exists() or digest(path.read_bytes()) == known.get(path.name):
            return path, edited
        edited.append(path)
    raise AssertionError


def hashes(facts: Path) -> dict[str, str]:
    """What was written last time, by name; nothing where that cannot be read, so that every file counts as edited."""
    try:
        found: Any = json.loads(facts.read_text(encoding="utf-8"))[_WRITTEN]
        return {str(name): str(one) for name, one in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def replace(path: Path, text: str) -> None:
    """In one step: somebody may be reading."""
    unfinished = path.with_suffix(path.suffix + ".new")
    fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)
