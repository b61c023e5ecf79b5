"""Runs `drift_info`: by the engine that is on the host, and by the module where that is another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

sys.path.append(str(Path(__file__).resolve().parents[2]))  # a plain project has no name by which a plugin could import

from plugins.module_utils.evenkeel import arguments
from plugins.plugin_utils import engine_call


class ActionModule(ActionBase):  # type: ignore[misc]
    """Controller side of `drift_info`."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, wanted = self.validate_argument_spec(arguments.DRIFT)
        answer = engine_call.ask(self._low_level_execute_command, "drift_info", wanted, self._task.check_mode)
        if answer is None:
            return dict(self._execute_module(module_name="drift_info", module_args=wanted, task_vars=task_vars))
        return answer
