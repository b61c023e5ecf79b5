"""`python -m demo.client LOAD.json RECORD.csv`: the stream until it is told to stop, or nobody is left to tell it.

On standard input: `mark NAME` writes NAME and the time into the record, `stop` (or the end of the input) ends.
Each is answered with one line when it is done.

`python -m demo.client LOAD.json RECORD.csv FILE SECONDS` is for whoever cannot hold its input: the stream ends when
FILE is removed, or after SECONDS, so that nothing is asked for ever because somebody died.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from pathlib import Path

from .load import load
from .record import Record
from .stream import Crowd


def main(arguments: list[str]) -> int:
    if len(arguments) not in (2, 4):
        print("usage: python -m demo.client LOAD.json RECORD.csv [FILE SECONDS]", file=sys.stderr)
        return 2
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Path(arguments[1]).open("w", encoding="utf-8", newline="") as file:
        record = Record(file)
        crowd = Crowd(load(Path(arguments[0])), record)
        crowd.start()
        threading.Thread(target=flush_often, args=(record,), daemon=True).start()
        answer("started")
        if arguments[2:]:
            linger(Path(arguments[2]), float(arguments[3]))
        else:
            obey(record)
        crowd.stop()
    answer("stopped")
    return 0


def obey(record: Record) -> None:
    for line in sys.stdin:
        word, _, name = line.strip().partition(" ")
        if word == "stop":
            return
        if word == "mark":
            record.mark(time.time(), name)
            answer("marked")


def linger(sign: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while sign.exists() and time.monotonic() < end:
        time.sleep(0.2)


def flush_often(record: Record) -> None:
    while True:
        time.sleep(0.25)
        try:
            record.flush()
        except ValueError:  # closed: the stream has ended
            return


def answer(word: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(word, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
