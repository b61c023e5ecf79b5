"""What runs as the twin's unit: read the candidate's configuration, start PHP-FPM and Apache from it, and wait.

The unit has made the candidate stand in the place of `current` before this starts. All that can be said goes into the
report; the unit is ready as soon as there is one, good or bad, and ends when it is stopped.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from types import FrameType
from typing import Optional

from . import release, twin_plan
from .errors import EvenkeelError
from .paths import Paths
from .twin_plan import Report
from .verdict import Failure

_PR_CAPBSET_DROP = 24
_GIVEN_UP = {"CAP_NET_BIND_SERVICE": 10, "CAP_SYS_ADMIN": 21, "CAP_SETPCAP": 8}  # the last one takes the others


def main(paths: Paths, release_id: str) -> int:
    """Run the twin of `release_id` until SIGTERM; 0 when it ended because it was told to."""
    signal.signal(signal.SIGTERM, _leave)
    folder = os.path.join(paths.twins, release_id)
    report = _report(paths, folder)
    _write(os.path.join(folder, twin_plan.REPORT), twin_plan.report_bytes(report))
    _notify("READY=1\nSTATUS=" + _status(report))
    while True:
        signal.pause()


def _report(paths: Paths, folder: str) -> Report:
    try:
        with open(os.path.join(folder, twin_plan.PLAN), "rb") as stream:
            data = stream.read()
        return (_run_edge if twin_plan.is_edge(data) else _run)(paths, folder, data)
    except (EvenkeelError, OSError) as error:
        return Report(False, (Failure(None, "start", "the twin did not start", cause=(str(error),)),), ())


def _run(paths: Paths, folder: str, data: bytes) -> Report:
    from . import overlay
    from .twin_services import TwinServices

    plan = twin_plan.plan_from(data)
    candidate = release.load(paths.release(plan.release))
    overlay.show(plan.documents, os.path.join(folder, "overlay"))
    _give_up_privileges()
    services = TwinServices(folder, plan, candidate)
    found = services.read_configuration()
    if services.fatal(found):
        return Report(False, tuple(found), ())
    trouble = services.start()
    return Report(not trouble, (*found, *trouble), services.error_logs(), services.remarks())


def _run_edge(paths: Paths, folder: str, data: bytes) -> Report:
    from . import edge_services, edge_twin

    plan = edge_twin.plan_from(data)
    candidate = release.load(paths.release(plan.release))
    _give_up_privileges()
    return edge_services.run(folder, plan, candidate)


def _give_up_privileges() -> None:
    """What starts from here on can neither mount nor regain what it lost."""
    libc = ctypes.CDLL(None, use_errno=True)
    for name, number in _GIVEN_UP.items():
        if libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "%s cannot be given up" % name)


def _status(report: Report) -> str:
    if report.started and not report.failures:
        return "answers on loopback"
    return "the candidate has %d failures" % len(report.failures)


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as stream:
        stream.write(data)


def _notify(state: str) -> None:
    """sd_notify(3) without its library."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)


def _leave(number: int, frame: Optional[FrameType]) -> None:
    sys.exit(0)
