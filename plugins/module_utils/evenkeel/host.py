"""The world the engine works in: disk, programs and time, as ports that a test can replace."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional, Protocol

from .disk import Disk
from .paths import Paths

_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
}


@dataclass(frozen=True)
class Result:
    """What a program said. `status` is its exit status; 127 when it is missing, 124 when it took too long."""

    status: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        return self.status == 0

    @property
    def output(self) -> str:
        return (self.stdout + self.stderr).strip()


class Runner(Protocol):
    """Runs a program to its end. Never a shell."""

    def run(self, command: Sequence[str], timeout_s: float = 60, env: Optional[Mapping[str, str]] = None) -> Result: ...


class Clock(Protocol):
    """Wall-clock time as seconds since 1970, monotonic seconds, and waiting."""

    def now(self) -> float: ...

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class Programs:
    """The Runner of a real host."""

    def run(self, command: Sequence[str], timeout_s: float = 60, env: Optional[Mapping[str, str]] = None) -> Result:
        try:
            done = subprocess.run(
                list(command),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env={**_ENVIRONMENT, **(env or {})},
                timeout=timeout_s,
                check=False,
            )
        except FileNotFoundError as error:
            return Result(127, "", "%s: not found" % (error.filename or command[0]))
        except OSError as error:  # no room for another process, or no right to run it
            return Result(126, "", "%s: %s" % (command[0], error.strerror or error))
        except subprocess.TimeoutExpired:
            return Result(124, "", "%s did not end within %g s" % (os.path.basename(command[0]), timeout_s))
        return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


class SystemClock:
    """The Clock of a real host."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass
class Host:
    """This machine: where things are and how to touch them."""

    paths: Paths = field(default_factory=Paths)
    disk: Disk = field(default_factory=Disk)
    programs: Runner = field(default_factory=Programs)
    clock: Clock = field(default_factory=SystemClock)
