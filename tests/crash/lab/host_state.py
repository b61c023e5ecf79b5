"""What must be true of the host after each crash, looked at from outside of the engine."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import subprocess
from typing import Any

from visitor import PATHS, ask

ETC = "/etc/evenkeel"
STATE = "/var/lib/evenkeel/state.json"
LITTER = (
    ETC + "/*.new",
    ETC + "/releases/.staging-*",
    "/var/lib/evenkeel/*.new",
    "/var/lib/evenkeel/verdicts/*.new",
    "/usr/local/sbin/*.new",
    "/srv/www/*/public/**/.*.evenkeel",
    "/run/evenkeel/twin/*",
)


def current() -> str:
    return os.path.basename(os.readlink(ETC + "/current"))


def known_good() -> str:
    return os.path.basename(os.readlink(ETC + "/known-good"))


def pending() -> Any:
    with open(STATE, encoding="utf-8") as stream:
        return json.load(stream)["pending"]


def not_whole(release: str) -> list[str]:
    """Files of a release that are not what its manifest says."""
    folder = os.path.join(ETC, "releases", release)
    with open(os.path.join(folder, "manifest.json"), "rb") as stream:
        data = stream.read()
    wrong = [] if hashlib.sha256(data).hexdigest()[:12] == release else ["manifest.json"]
    for path, entry in json.loads(data)["files"].items():
        try:
            with open(os.path.join(folder, path), "rb") as stream:
                same = hashlib.sha256(stream.read()).hexdigest() == entry["sha256"]
        except OSError:
            same = False
        wrong += [] if same else [path]
    return wrong


def litter() -> list[str]:
    """What a finished run must not leave: half-written files, twins and their units."""
    found = [path for pattern in LITTER for path in glob.glob(pattern, recursive=True, include_hidden=True)]
    units = said("systemctl", "list-units", "--all", "--plain", "--no-legend", "evenkeel-twin@*")
    return found + units.split("\n")[:3] if units else found


def timer_runs() -> bool:
    return said("systemctl", "is-active", "evenkeel-deadline.timer") == "active"


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def answers() -> dict[str, dict[str, Any]]:
    return {site: ask(site) for site in PATHS}
