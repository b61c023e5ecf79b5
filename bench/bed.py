"""The hosts of the benchmark: real ones of the test bed, provisioned once and put back to a clean state between rounds."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
TESTBED = CHECKOUT / "testbed" / "testbed"
HOMES = "/srv/www"


class BenchFailed(Exception):
    """The benchmark cannot go on; the message says why."""


def testbed(*arguments: str, given: bytes | None = None) -> str:
    """What the test bed answers."""
    stdin = subprocess.DEVNULL if given is None else None
    done = subprocess.run([str(TESTBED), *arguments], stdin=stdin, input=given, capture_output=True, check=False)
    if done.returncode:
        raise BenchFailed(f"'testbed {shlex.join(arguments)}': {done.stderr.decode(errors='replace').strip()[-600:]}")
    return done.stdout.decode(errors="replace")


def up(hosts: Sequence[str]) -> dict[str, Any]:
    """Start what does not run; the variables of each host."""
    testbed("up", *hosts)
    return dict(json.loads(testbed("inventory", *hosts))["all"]["hosts"])


def limit(hosts: Sequence[str], cpus: float) -> None:
    """Give each host a slower processor of its own; 0 is the machine's, which it shares with the others."""
    testbed("limit", *hosts, f"--cpus={cpus}")


def down(hosts: Sequence[str]) -> None:
    testbed("down", *hosts)


def on(host: str, script: str, given: bytes | None = None) -> str:
    """Run a shell script as root on `host`."""
    return testbed("exec", host, "--", "sh", "-ec", script, given=given)


def bring(host: str, files: Sequence[tuple[str, str]]) -> None:
    """Put small text files below HOMES."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path, text in files:
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(text.encode()), 0o644
            archive.addfile(member, io.BytesIO(text.encode()))
    on(host, f"mkdir -p {HOMES}; tar -xf - -C {HOMES} --no-same-owner", stream.getvalue())
