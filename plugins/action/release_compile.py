"""Compiles a pool's truth in the controller's own process: a module would start a second Python and send it the compiler."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.json import Direction, get_module_encoder
from ansible.plugins.action import ActionBase

PROJECT = Path(__file__).resolve().parents[2]
sys.path.append(str(PROJECT))  # a plain project has no name by which a plugin could import

ARGUMENTS: dict[str, Any] = {
    "environment": {"type": "str", "required": True},
    "pool": {"type": "str", "required": True},
    "sites_dir": {"type": "path", "required": True},
    "build_dir": {"type": "path", "required": True},
    "settings": {"type": "dict", "default": {}},
    "secrets": {"type": "dict", "default": {}},
    "template_dirs": {"type": "list", "elements": "path"},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """No host is contacted."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, arguments = self.validate_argument_spec(ARGUMENTS)
        try:
            from plugins.module_utils.evenkeel_compiler import answer
        except ImportError as missing:
            raise AnsibleActionFail(f"The compiler needs Python's {missing.name}; `make setup` installs it.") from missing
        return answer.compiled(PROJECT, plain(arguments), self._task.check_mode, self._task.diff)


def plain(arguments: dict[str, Any]) -> dict[str, Any]:
    """What a module would be given: no template, tag or vault left in it."""
    return dict(json.loads(json.dumps(arguments, cls=get_module_encoder("legacy", Direction.CONTROLLER_TO_MODULE))))
