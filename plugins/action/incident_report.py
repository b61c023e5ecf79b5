"""Writes incident reports from the record, in the controller's own process: nothing of it is on a host."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ansible.plugins.action import ActionBase

PROJECT = Path(__file__).resolve().parents[2]
sys.path.append(str(PROJECT))  # a plain project has no name by which a plugin could import

ARGUMENTS: dict[str, Any] = {
    "state": {"type": "str", "choices": ["planned", "heard", "written"], "default": "planned"},
    "environment": {"type": "str", "required": True},
    "record_dir": {"type": "path", "required": True},
    "timezone": {"type": "str", "default": ""},
    "from": {"type": "str", "default": ""},
    "until": {"type": "str", "default": ""},
    "answers": {"type": "dict", "default": {}},
    "alerts": {"type": "list", "elements": "dict", "default": []},
    "problem": {"type": "str", "default": ""},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """No host is contacted."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, wanted = self.validate_argument_spec(ARGUMENTS)
        from plugins.module_utils.evenkeel_record import incident_request
        from plugins.module_utils.evenkeel_record.incident_clock import UnknownTime

        do: Callable[..., dict[str, Any]] = getattr(incident_request, wanted["state"])
        try:
            answer = do({**wanted, "record_dir": str(PROJECT / wanted["record_dir"])}, self._task.check_mode)
        except (UnknownTime, OSError) as error:
            return {"failed": True, "msg": str(error)}
        return {**answer, "queries": {name: urlencode(query) for name, query in answer.get("queries", {}).items()}}
