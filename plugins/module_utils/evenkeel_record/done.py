"""What one task did on one host, as the record takes it from whoever runs playbooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONTROLLER = "controller"


@dataclass(frozen=True)
class Done:
    """`verdict` is ok, failed or unreachable; `began` and `ended` are seconds since 1970; `answer` is the task's result.

    `action` is the module's short name. `item` is what a loop was at, "" without one.
    """

    host: str
    phase: str
    title: str
    action: str
    began: float
    ended: float
    verdict: str
    answer: Mapping[str, Any]
    item: str = ""

    @property
    def seconds(self) -> float:
        return round(max(0.0, self.ended - self.began), 3)

    @property
    def changed(self) -> bool:
        return bool(self.answer.get("changed"))

    @property
    def hidden(self) -> bool:
        """Nothing of a result with `no_log` may be told."""
        return "censored" in self.answer or bool(self.answer.get("_ansible_no_log"))
