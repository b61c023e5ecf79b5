"""`python -m chaos.doomed SECONDS COMMAND ...`: a controller that dies in the middle of what it does.

The command and all that it has started get SIGKILL after SECONDS. Exit status 137 then, otherwise the command's.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

from demo.controller import descendants


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print("usage: python -m chaos.doomed SECONDS COMMAND ...", file=sys.stderr)
        return 2
    process = subprocess.Popen(arguments[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(timeout=float(arguments[0]))
    except subprocess.TimeoutExpired:
        kill_tree(process)
        return 128 + signal.SIGKILL


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a playbook and to its workers, which have sessions of their own: no machine that dies says goodbye."""
    if process.poll() is None:
        for pid in [process.pid, *descendants(process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
