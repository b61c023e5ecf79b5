"""A command on this machine: run it, read its answer, or fail with its own last words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any, NamedTuple

from .errors import TestbedError

# program -> the Debian package that brings it; netavark and its resolver live outside PATH
PACKAGES = {
    "podman": "podman",
    "crun": "crun",
    "/usr/lib/podman/netavark": "netavark",
    "/usr/lib/podman/aardvark-dns": "aardvark-dns",
    "iptables": "iptables",
    "nft": "nftables",
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "ssh": "openssh-client",
    "nsenter": "util-linux",
}


class Answer(NamedTuple):
    code: int
    out: str
    err: str


def run(argv: list[str], stdin: str | None = None, check: bool = True) -> Answer:
    """Run `argv` with a fixed locale; a failure becomes a TestbedError unless `check` is off."""
    source = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment(), cwd="/", **source)
    answer = Answer(done.returncode, done.stdout, done.stderr)
    if check and answer.code:
        raise TestbedError("'{}' failed: {}".format(" ".join(argv), last_words(answer)))
    return answer


def read_json(argv: list[str]) -> Any:
    """What `argv` printed, parsed; nothing printed is an empty list."""
    return json.loads(run(argv).out or "[]") or []


def last_words(answer: Answer) -> str:
    lines = [line for line in (answer.err + answer.out).splitlines() if line.strip() and "level=warning" not in line]
    return lines[-1].strip() if lines else "exit status %d, without a word" % answer.code


def environment() -> dict[str, str]:
    path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
    return dict(os.environ, LC_ALL="C.UTF-8", PATH=path)


def demand_programs() -> None:
    """Every program the bed needs is there; otherwise name the Debian packages, once, all of them."""
    missing = [package for program, package in PACKAGES.items() if not find(program)]
    if missing:
        raise TestbedError("The test bed needs {}: type 'make setup' (or: apt-get install {}).".format(
            ", ".join(missing), " ".join(missing)))


def find(program: str) -> str | None:
    return shutil.which(program, path=environment()["PATH"])
