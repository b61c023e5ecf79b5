"""The real engine in a child process whose disk breaks at its Nth step: by death, or by an error of the disk."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

sys.path.insert(0, "/usr/local/sbin/evenkeel")  # the engine of this host, as the roles installed it

from evenkeel import claim
from evenkeel.disk import Disk
from evenkeel.engine import Engine
from evenkeel.errors import EvenkeelError
from evenkeel.host import Host
from evenkeel.journal import Author

KILL, ERROR = "kill", "error"
NEVER = 1 << 30
NO_WRITES = ("systemctl", "arm", "disarm", "system")  # programs that are run: they can be the last step, but no disk fails
Work = Callable[[Engine], Any]


class BreakingDisk(Disk):
    """Tells each step to `tell` before it is done, and breaks at the Nth."""

    def __init__(self, nth: int, how: str, tell: int) -> None:
        self._left = nth
        self._error = errno.ENOSPC if nth % 2 else errno.EIO
        self._how = how
        self._tell = tell

    def step(self, what: str, path: str) -> None:
        if self._how != KILL and what in NO_WRITES:
            return
        os.write(self._tell, json.dumps({"step": "%s %s" % (what, path)}).encode() + b"\n")
        self._left -= 1
        if self._left == 0 and self._how == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._left == 0:
            raise OSError(self._error, os.strerror(self._error), path)


def attempt(work: Work, nth: int = NEVER, how: str = KILL, rollout: str = "crash") -> dict[str, Any]:
    """Run `work` to its end or to its Nth step. `steps`, and one of: `killed`, `refused` (a sentence), `result`."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work(work, nth, how, rollout, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stream:
        told = [json.loads(line) for line in stream]
    _, status = os.waitpid(child, 0)
    report: dict[str, Any] = {"steps": [line["step"] for line in told if "step" in line]}
    report["killed"] = os.WIFSIGNALED(status)
    for line in told:
        report.update({key: value for key, value in line.items() if key != "step"})
    return report


def _work(work: Work, nth: int, how: str, rollout: str, writer: int) -> None:
    try:
        _let_claim_end(rollout)
        engine = Engine(Host(disk=BreakingDisk(nth, how, writer)), Author(rollout, "the crash test", "c0ffee"))
        outcome = work(engine)
        said = {"result": getattr(outcome, "outcome", str(outcome)), "message": getattr(outcome, "message", "")}
    except (EvenkeelError, OSError) as error:
        said = {"refused": str(error), "kind": type(error).__name__}
    except BaseException:
        said = {"traceback": traceback.format_exc()}
    os.write(writer, json.dumps(said).encode() + b"\n")
    os._exit(0)


def _let_claim_end(rollout: str) -> None:
    """A rollout that died holds the host for as long as its deadline; the next one begins after that, and here at once."""
    host = Host()
    known = claim.load(host)
    if known is not None and known.rollout != rollout:
        claim.drop(host)
