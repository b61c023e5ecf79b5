"""Podman, always with the same settings whatever the machine's own say."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, List, Optional, Tuple

from . import namespace
from .command import Answer, read_json, run

CONF = Path(__file__).resolve().parent / "recipe" / "containers.conf"


@lru_cache(maxsize=None)
def base() -> Tuple[str, ...]:
    return (*namespace.prefix(), "env", "CONTAINERS_CONF=%s" % CONF, "podman", "--log-level=error")


def podman(*args: str, stdin: Optional[str] = None, check: bool = True) -> Answer:
    return run([*base(), *args], stdin=stdin, check=check)


def podman_json(*args: str) -> Any:
    return read_json([*base(), *args])


def labels(**pairs: str) -> List[str]:
    """`--label` arguments under our own prefix."""
    return [arg for key, value in pairs.items() for arg in ("--label", "evenkeel.%s=%s" % (key, value))]
