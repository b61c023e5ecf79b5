"""Ends a rollout: keeps its report, sets the run's statistics, and fails unless the fleet has what was asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

DOCUMENTATION = r"""
name: rollout_report
short_description: Ends a rollout with its report
description:
  - Runs on the controller alone, in the main process of the task, because a run that changes nothing has no time for modules.
author: The Evenkeel contributors (@evenkeel)
"""


class ActionModule(ActionBase):  # type: ignore[misc]
    """One JSON file, the statistics that workflows read, and the exit code."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, arguments = self.validate_argument_spec(
            {
                "report": {"type": "dict", "required": True},
                "path": {"type": "path", "required": True},
                "told": {"type": "str", "default": ""},
            }
        )
        report, path = arguments["report"], Path(arguments["path"])
        lost = "" if self._task.check_mode else keep(path, report)
        message = " ".join(filter(None, (last_words(report, arguments["told"]), lost)))
        return {
            "changed": False,
            "failed": not report["good"],
            "msg": message,
            "ansible_stats": {"data": statistics({**report, "message": message}, path), "per_host": False, "aggregate": False},
        }


def keep(path: Path, report: dict[str, Any]) -> str:
    """Write the report in one step: somebody may be reading the folder. Says why it could not; that is no reason not to tell what
    happened to the fleet."""
    unfinished = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        return f"The rollout's report could not be kept as {path} ({error.strerror or error}); hosts keep their journals."
    return ""


def last_words(report: dict[str, Any], told: str) -> str:
    """What this run has `told` of the sites is not lost when it goes on to the balancers; bad news come first."""
    if not told:
        return str(report["message"])
    return "%s - Balancers: %s" % (told, report["message"]) if report["good"] else "%s - Sites: %s" % (report["message"], told)


def statistics(report: dict[str, Any], path: Path) -> dict[str, Any]:
    names = ("outcome", "release", "rollout", "held_back", "message")
    return {**{"evenkeel_" + name: report[name] for name in names}, "evenkeel_report": str(path)}
