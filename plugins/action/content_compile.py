"""Tells the module `content_compile` where the project is: a module runs out of an archive and cannot know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Adds `project_dir`, the checkout that this file belongs to."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        project = Path(__file__).resolve().parents[2]
        arguments = {"project_dir": str(project), **self._task.args}
        return dict(self._execute_module(module_name="content_compile", module_args=arguments, task_vars=task_vars))
