"""Packs a package of ours into one file on the controller, and has `copy` bring that to a host."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase

PROJECT = Path(__file__).resolve().parents[2]
sys.path.append(str(PROJECT))  # a plain project has no name by which a plugin could import

ARGUMENTS: dict[str, Any] = {
    "package": {"type": "str", "required": True},
    "module": {"type": "str", "default": "cli"},
    "dest": {"type": "path", "required": True},
}
INSTALLED = {"owner": "root", "group": "root", "mode": "0755"}


class ActionModule(ActionBase):  # type: ignore[misc]
    """One file, one transfer, as `template` does it; check mode is `copy`'s own."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, wanted = self.validate_argument_spec(ARGUMENTS)
        from plugins.plugin_utils.program import pack

        try:
            packed = pack(PROJECT / "plugins" / "module_utils" / wanted["package"], wanted["module"])
        except OSError as error:
            return {"failed": True, "msg": str(error)}
        with tempfile.TemporaryDirectory(dir=constants.DEFAULT_LOCAL_TMP) as folder:
            source = Path(folder, Path(wanted["dest"]).name)
            source.write_bytes(packed)
            return self._copied({"src": str(source), "dest": wanted["dest"], **INSTALLED}, task_vars)

    def _copied(self, arguments: dict[str, str], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        task = self._task.copy()
        task.args = arguments
        copy = self._shared_loader_obj.action_loader.get(
            "ansible.legacy.copy",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        return dict(copy.run(task_vars=task_vars))
