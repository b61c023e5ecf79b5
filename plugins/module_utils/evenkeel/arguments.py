"""What the modules `release`, `release_info`, `drift_info` and `balancer_step` take, for their plugins and the engine, too."""

from __future__ import annotations

from typing import Any, Union

Packed = Union[str, bytes]  # the path of a payload, or the payload itself
STATES = ("staged", "proved", "live", "extended", "confirmed", "reverted")
RELEASE: dict[str, Any] = {
    "state": {"type": "str", "required": True, "choices": list(STATES)},
    "id": {"type": "str"},
    "payload": {"type": "path"},
    "on_site_failure": {"type": "str", "choices": ["reject", "hold_back"], "default": "reject"},
    "hold_back": {"type": "list", "elements": "str", "default": []},
    "adopt_drift": {"type": "str", "choices": ["ask", "keep", "overwrite"], "default": "ask"},
    "deadline_s": {"type": "int", "default": 120},
    "peers": {"type": "list", "elements": "str", "default": []},
    "instead_of": {"type": "str", "default": ""},
    "rollout": {"type": "str", "default": ""},
    "actor": {"type": "str", "default": ""},
    "commit": {"type": "str", "default": ""},
}
NEEDS_ID = [("state", state, ["id"]) for state in STATES if state != "reverted"]
INFO: dict[str, Any] = {"verify": {"type": "bool", "default": False}}
DRIFT: dict[str, Any] = {"diff": {"type": "bool", "default": True}}
_NAMES: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
STEP: dict[str, Any] = {
    "rollout": {"type": "str", "default": ""},
    "actor": {"type": "str", "default": ""},
    "lease_s": {"type": "int", "default": 130},
    "wait_s": {"type": "int", "default": 15},
    "back": _NAMES,
    "probes": {"type": "list", "elements": "dict", "default": []},
    "release": {"type": "str", "default": ""},
    "out": _NAMES,
    "hold": _NAMES,
    "why": {"type": "str", "default": ""},
    "for_s": {"type": "int", "default": 0},
    "watch_s": {"type": "int", "default": 0},
    "last": {"type": "bool", "default": False},
    "take_over": {"type": "bool", "default": False},
}
OTHER_ENGINE = 3  # the exit status of an engine that is not the one the request is for
