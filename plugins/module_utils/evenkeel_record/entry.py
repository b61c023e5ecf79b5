"""What the index says of one rollout, kept beside its journal, so that nobody reads five hundred journals for one line each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .rollout import Rollout
from .summary import MARKS, headline
from .values import count, number, texts, words

NAME = "entry.json"
MAX_NAMES = 4


@dataclass(frozen=True)
class Entry:
    """`touched` are the first few names of `sites` ones."""

    outcome: str
    look: str
    word: str
    began: float
    seconds: float
    playbook: str
    actor: str
    commit: str
    sites: int
    touched: tuple[str, ...]

    @property
    def mark(self) -> str:
        return MARKS.get(self.look, "")


def of(rollout: Rollout) -> Entry:
    said = headline(rollout)
    return Entry(
        outcome=rollout.outcome,
        look=said.look,
        word=said.word,
        began=rollout.began,
        seconds=rollout.seconds,
        playbook=rollout.playbook,
        actor=rollout.actor,
        commit=rollout.commit,
        sites=len(rollout.touched),
        touched=rollout.touched[:MAX_NAMES],
    )


def to_text(entry: Entry) -> str:
    return json.dumps(asdict(entry)) + "\n"


def from_text(data: str) -> Entry:
    """ValueError for what `to_text` did not write."""
    document: Any = json.loads(data)
    if not isinstance(document, Mapping) or not {"outcome", "began", "look"} <= set(document):
        raise ValueError("no entry")
    return Entry(
        **words(document, "outcome", "look", "word", "playbook", "actor", "commit"),
        began=number(document, "began"),
        seconds=number(document, "seconds"),
        sites=count(document, "sites"),
        touched=texts(document, "touched"),
    )
