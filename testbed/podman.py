"""Podman, always with the same settings whatever the machine's own say."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from . import namespace
from .command import Answer, read_json, run

CONF = Path(__file__).resolve().parent / "recipe" / "containers.conf"
STORE = Path("/var/lib/evenkeel-testbed")  # images and disks: never the machine's own containers


@cache
def base() -> tuple[str, ...]:
    return (*namespace.prefix(), "env", f"CONTAINERS_CONF={CONF}", "podman", "--log-level=error", *places())


def places() -> tuple[str, ...]:
    """A store of our own; what only holds while hosts run lies where a reboot loses it."""
    running = namespace.RUNNING
    return f"--root={STORE}", f"--runroot={running / 'store'}", f"--tmpdir={running / 'podman'}"


def podman(*args: str, stdin: str | None = None, check: bool = True) -> Answer:
    return run([*base(), *args], stdin=stdin, check=check)


def podman_json(*args: str) -> Any:
    return read_json([*base(), *args])


def labels(**pairs: str) -> list[str]:
    """`--label` arguments under our own prefix."""
    return [arg for key, value in pairs.items() for arg in ("--label", f"evenkeel.{key}={value}")]
