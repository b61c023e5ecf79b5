"""Runs `release`: by the engine that is on the host, and by the module, which brings one, where that is another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

sys.path.append(str(Path(__file__).resolve().parents[2]))  # a plain project has no name by which a plugin could import

from plugins.module_utils.evenkeel import arguments
from plugins.plugin_utils import engine_call

DOCUMENTATION = r"""
name: release
short_description: Asks the host's engine over the bare connection
description:
  - Where the host has this project's engine, it is asked over the connection, without a module. A small payload goes with
    the question, a large one only to a host that asks for it.
  - Where it has another engine, or none, the module of the same name does the same and brings the engine.
author: The Evenkeel contributors (@evenkeel)
"""

_STAGING = ("staged", "proved")
_UNASKED = 1 << 19  # bytes of a payload, about 2,500 sites, that are no reason to ask a host first whether it needs them


class ActionModule(ActionBase):  # type: ignore[misc]
    """Controller side of `release`; its parameter `payload` is a path on the controller."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, wanted = self.validate_argument_spec(arguments.RELEASE, required_if=arguments.NEEDS_ID)
        payload = wanted.pop("payload")
        answer = self._ask(wanted, small(payload) if wanted["state"] in _STAGING else b"")
        if answer and answer.get("needs_payload"):
            answer = self._ask(wanted, whole(payload, wanted["id"]).read_bytes())
        return self._by_module(wanted, payload, task_vars) if answer is None else answer

    def _ask(self, wanted: dict[str, Any], payload: bytes) -> dict[str, Any] | None:
        return engine_call.ask(self._low_level_execute_command, "release", wanted, self._task.check_mode, payload)

    def _by_module(self, wanted: dict[str, Any], payload: str | None, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Without the payload first: a host that has the release needs none."""
        answer = self._execute(wanted, task_vars)
        if not answer.get("needs_payload"):
            return answer
        source = whole(payload, wanted["id"])
        folder = self._make_tmp_path()  # the connection's own, 0700
        try:
            remote = self._connection._shell.join_path(folder, "payload.tar.gz")
            self._transfer_file(str(source), remote)
            self._remote_chmod([remote], "u=rw,go=")
            return {**self._execute({**wanted, "payload": remote}, task_vars), "changed": True}
        finally:
            self._remove_tmp_path(folder)

    def _execute(self, wanted: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        return dict(self._execute_module(module_name="release", module_args=wanted, task_vars=task_vars))


def small(payload: str | None) -> bytes:
    """A payload that is so small that it goes with the question; empty when it is not."""
    source = Path(payload) if payload else None
    return source.read_bytes() if source and source.is_file() and source.stat().st_size <= _UNASKED else b""


def whole(payload: str | None, release: str | None) -> Path:
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
