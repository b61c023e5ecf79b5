"""Spells the command that runs another playbook of the project for the same fleet. Controller only; imports nothing of ours."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible import context

DOCUMENTATION = r"""
name: drill
short_description: Spells the command that runs another playbook for the same fleet
description:
  - C(drill_command) is C(ansible-playbook) with the inventories and the vault passwords that this run was given.
author: The Evenkeel contributors (@evenkeel)
"""


def command(playbook: str, inventories: Sequence[str], folder: str) -> list[str]:
    """As a list; nothing of it is for a shell."""
    given = context.CLIARGS
    argv = [str(Path(sys.executable).with_name("ansible-playbook"))]
    for inventory in inventories:
        argv += ["--inventory", str(inventory)]
    for file in given.get("vault_password_files") or ():
        argv += ["--vault-password-file", str(file)]
    for name in given.get("vault_ids") or ():
        argv += ["--vault-id", str(name)]
    return [*argv, str(Path(folder) / playbook)]


class FilterModule:
    """Filters for playbooks/drill.yml."""

    def filters(self) -> dict[str, Any]:
        return {"drill_command": command}
