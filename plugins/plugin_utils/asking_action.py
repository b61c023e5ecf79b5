"""The action of a module that the host's own engine can stand in for; where that is another engine, the module itself runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from . import engine_call


class AskingAction(ActionBase):  # type: ignore[misc]
    """Controller side of the module that is named, whose arguments are as `spec` says."""

    module: str
    spec: Mapping[str, Any]

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, wanted = self.validate_argument_spec(self.spec)
        answer = engine_call.ask(self._low_level_execute_command, self.module, wanted, self._task.check_mode)
        if answer is None:
            return dict(self._execute_module(module_name=self.module, module_args=wanted, task_vars=task_vars))
        return answer
