"""An end that was asked for: every `finally` and every undo runs, and nothing cuts them short."""

from __future__ import annotations

import signal
from typing import NoReturn

_ENDS = (signal.SIGTERM, signal.SIGHUP)


def leave_in_order() -> None:
    """From now on SIGTERM and SIGHUP (a lost connection) raise SystemExit, once."""
    for number in _ENDS:
        signal.signal(number, _leave)


def _leave(number: int, frame: object) -> NoReturn:
    for each in _ENDS:
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)
