"""Runs the module `release`; sends the payload of a release only to a host that asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

DOCUMENTATION = r"""
name: release
short_description: Sends a release's payload only to hosts that lack it
description:
  - Asks the host first, without the payload. Only a host that lacks the release gets the file, so that a run which
    changes nothing costs one module call.
author: The Evenkeel contributors (@evenkeel)
"""


class ActionModule(ActionBase):  # type: ignore[misc]
    """Controller side of `release`; its parameter `payload` is a path on the controller."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        payload = arguments.pop("payload", None)
        answer = self._ask(arguments, task_vars)
        if not answer.get("needs_payload") or answer.get("failed"):
            return answer
        return self._send(payload, arguments, task_vars, already_changed=bool(answer.get("changed")))

    def _send(
        self, payload: str | None, arguments: dict[str, Any], task_vars: dict[str, Any] | None, already_changed: bool
    ) -> dict[str, Any]:
        """Second call, with the payload in the connection's own 0700 folder, which goes whatever happens."""
        source = self._payload(payload, arguments.get("id"))
        folder = self._make_tmp_path()
        try:
            remote = self._connection._shell.join_path(folder, "payload.tar.gz")
            self._transfer_file(str(source), remote)
            self._remote_chmod([remote], "u=rw,go=")
            answer = self._ask({**arguments, "payload": remote}, task_vars)
        finally:
            self._remove_tmp_path(folder)
        return {**answer, "changed": bool(answer.get("changed")) or already_changed}

    def _ask(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        return dict(self._execute_module(module_name="release", module_args=arguments, task_vars=task_vars))

    @staticmethod
    def _payload(payload: str | None, release: str | None) -> Path:
        """The file to send; AnsibleActionFail when the task named none or compiling left none."""
        if not payload:
            raise AnsibleActionFail(
                f"This host does not have release {release}, and the task names no payload to send. "
                "Publish it with playbooks/push.yml."
            )
        source = Path(payload).expanduser()
        if not source.is_file():
            raise AnsibleActionFail(
                f"This host does not have release {release}, and its payload {source} is not on the controller. "
                "Run playbooks/push.yml, which compiles it again."
            )
        return source
