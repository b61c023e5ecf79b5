"""Prometheus' own checkers, out of Debian's packages, which are unpacked and not installed: no service starts on this machine."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
KEPT = ROOT / "build" / "tools"
PACKAGES = {"promtool": "prometheus", "amtool": "prometheus-alertmanager"}


@cache
def program(name: str) -> str:
    """Where `promtool` or `amtool` is; RuntimeError where apt cannot bring it."""
    installed = shutil.which(name)
    kept = KEPT / PACKAGES[name] / "usr" / "bin" / name
    if not installed and not kept.is_file():
        _unpack(PACKAGES[name])
    return installed or str(kept)


def _unpack(package: str) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        _run(["apt-get", "-q", "download", package], folder)
        [archive] = Path(folder).glob("*.deb")
        _run(["dpkg-deb", "--extract", str(archive), "content"], folder)
        shutil.rmtree(KEPT / package, ignore_errors=True)
        (Path(folder) / "content").rename(KEPT / package)


def _run(command: list[str], folder: str) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as failed:
        said = getattr(failed, "stderr", None) or str(failed)
        raise RuntimeError(f"{command[0]} could not bring Debian's package; run apt-get update. {said}") from failed
