"""What the modules `release` and `release_info` take, as AnsibleModule reads it; for their plugins and the engine, too."""

from __future__ import annotations

from typing import Any

RELEASE: dict[str, Any] = {
    "state": {"type": "str", "required": True, "choices": ["staged", "proved", "live", "confirmed", "reverted"]},
    "id": {"type": "str"},
    "payload": {"type": "path"},
    "on_site_failure": {"type": "str", "choices": ["reject", "hold_back"], "default": "reject"},
    "hold_back": {"type": "list", "elements": "str", "default": []},
    "deadline_s": {"type": "int", "default": 120},
    "rollout": {"type": "str", "default": ""},
    "actor": {"type": "str", "default": ""},
    "commit": {"type": "str", "default": ""},
}
NEEDS_ID = [("state", state, ["id"]) for state in ("staged", "proved", "live", "confirmed")]
INFO: dict[str, Any] = {"verify": {"type": "bool", "default": False}}
OTHER_ENGINE = 3  # the exit status of an engine that is not the one the request is for
