"""Brings a release from a host that has it to the controller, unless it lies there already."""

from __future__ import annotations

import hashlib
import json
import tarfile
import zlib
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

DOCUMENTATION = r"""
name: release_payload
short_description: Brings a release from a host that has it to the controller
description:
  - Looks into the pool's build folder first. What is brought is compared with the host's checksum, and the host that gets it
    compares every file with the manifest once more.
author: The Evenkeel contributors (@evenkeel)
"""

KEPT = 5  # releases that were brought and stay


class ActionModule(ActionBase):  # type: ignore[misc]
    """Controller side of `release_payload`; its parameter `folder` is on the controller."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, wanted = self.validate_argument_spec(
            {"id": {"type": "str", "required": True}, "folder": {"type": "path", "required": True}}
        )
        release, folder = wanted["id"], Path(wanted["folder"])
        places = (folder / release / "payload.tar.gz", folder / "fetched" / f"{release}.tar.gz")
        there = next((path for path in places if manifest(path, release)), None)
        if there is None:
            answer = self._bring(release, places[1], task_vars)
            if answer.get("failed"):
                return answer
            there = places[1]
        return {"changed": False, "path": str(there), "php_versions": manifest(there, release)["php_versions"]}

    def _bring(self, release: str, target: Path, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """By way of the connection's own 0700 folder, which goes whatever happens."""
        away = self._make_tmp_path()
        try:
            remote = self._connection._shell.join_path(away, "packed.tar.gz")
            arguments = {"id": release, "folder": away}
            answer = dict(self._execute_module(module_name="release_payload", module_args=arguments, task_vars=task_vars))
            if not answer.get("failed"):
                self._fetch(remote, target, answer["sha256"])
            return answer
        finally:
            self._remove_tmp_path(away)

    def _fetch(self, remote: str, target: Path, sha256: str) -> None:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = target.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        self._connection.fetch_file(remote, str(unfinished))
        if hashlib.sha256(unfinished.read_bytes()).hexdigest() != sha256:
            unfinished.unlink()
            raise AnsibleActionFail("The release was damaged on its way to the controller. Run the same command again.")
        unfinished.replace(target)
        forget_old(target.parent)


def manifest(path: Path, release: str) -> dict[str, Any]:
    """The manifest of a payload; empty unless it is there and bears the name of `release`."""
    try:
        with tarfile.open(path, "r|gz") as archive:
            member = archive.next()
            stream = archive.extractfile(member) if member and member.name == "manifest.json" else None
            data = stream.read() if stream else b""
        return dict(json.loads(data)) if hashlib.sha256(data).hexdigest()[:12] == release else {}
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError):
        return {}


def forget_old(folder: Path) -> None:
    brought = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in brought[KEPT:]:
        path.unlink(missing_ok=True)
