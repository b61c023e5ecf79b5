"""Asks the engine that is installed on a host over the bare connection: no module is packed, sent or started for it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..module_utils.evenkeel import archive
from ..module_utils.evenkeel.arguments import OTHER_ENGINE
from ..module_utils.evenkeel.paths import Paths

# argparse's for an engine that knows no requests, OTHER_ENGINE, and the shell's for a program that is not there
_CANNOT = (2, OTHER_ENGINE, 126, 127)
_SOURCES = Path(__file__).resolve().parents[1] / "module_utils" / "evenkeel"
_TAIL = 2000  # characters of what an engine said that died

Execute = Callable[..., Mapping[str, Any]]  # a command and its `in_data` to `rc`, `stdout` and `stderr`
Answer = dict[str, Any]


def ask(execute: Execute, module: str, arguments: Mapping[str, Any], check: bool, payload: bytes = b"") -> Answer | None:
    """What the host's engine answers; None when it is not the engine of this checkout, which the module itself brings."""
    request = {"module": module, "arguments": dict(arguments), "check": check}
    said = execute(f"{Paths().command} request {wanted()}", in_data=json.dumps(request).encode() + b"\n" + payload)
    if said["rc"] in _CANNOT:
        return None
    try:
        return dict(json.loads(str(said["stdout"]).rstrip().rpartition("\n")[2]))
    except ValueError:
        text = f"{said['stderr']}\n{said['stdout']}".strip()[-_TAIL:]
        return {"failed": True, "msg": f"The engine on this host ended with status {said['rc']}: {text}"}


@functools.cache
def wanted() -> str:
    """The version of this checkout's engine."""
    return archive.version(archive.sources_in(str(_SOURCES)))
