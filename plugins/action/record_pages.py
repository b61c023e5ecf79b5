"""Makes the pages of the record again, on the controller alone."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

PROJECT = Path(__file__).resolve().parents[2]
sys.path.append(str(PROJECT))  # a plain project has no name by which a plugin could import


class ActionModule(ActionBase):  # type: ignore[misc]
    """Controller side of `record_pages`; there is no other."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        from plugins.module_utils.evenkeel_record import shelf

        _, arguments = self.validate_argument_spec({"path": {"type": "path", "required": True}})
        folder = Path(arguments["path"])
        folders = shelf.rollouts(folder) if folder.is_dir() else []
        if not folders:
            raise AnsibleActionFail(f"No rollout is recorded in {folder}; docs/record.md says where the record lies.")
        pages = [folder / shelf.PAGE, *(one / shelf.PAGE for one in folders)]
        before = {page: read(page) for page in pages}
        if not self._task.check_mode:
            for one in folders:
                shelf.make_page(one)
            shelf.make_index(folder)
        changed = [page for page in pages if read(page) != before[page]]
        message = f"{len(folders)} rollouts, {len(changed)} pages changed: {folder / shelf.PAGE}"
        return {"changed": bool(changed), "message": message, "msg": message}


def read(page: Path) -> bytes:
    """Empty where there is none."""
    with contextlib.suppress(OSError):
        return page.read_bytes()
    return b""
