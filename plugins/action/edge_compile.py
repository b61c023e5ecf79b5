"""Tells the module `edge_compile` where the project is, and decrypts the certificates' keys for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

DOCUMENTATION = r"""
name: edge_compile
short_description: Decrypts the certificates' keys for the module of the same name
description:
  - A module cannot read Ansible Vault. Keys that are encrypted are decrypted into the folder that Ansible removes at its end.
author: Evenkeel
"""


class ActionModule(ActionBase):  # type: ignore[misc]
    """Adds `project_dir`, the checkout that this file belongs to, and `certificate_keys`."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        project = Path(__file__).resolve().parents[2]
        folder = Path(self._task.args["sites_dir"]).expanduser().parent / "certs"
        keys = {path.stem: self._loader.get_real_file(str(path)) for path in sorted(folder.glob("*.key"))}
        try:
            arguments = {"project_dir": str(project), "certificate_keys": keys, **self._task.args}
            return dict(self._execute_module(module_name="edge_compile", module_args=arguments, task_vars=task_vars))
        finally:
            for path in keys.values():
                self._loader.cleanup_tmp_file(path)
