"""The command line of `make fleet`."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demo import evening as stage
from demo import show
from demo.cli import leave
from demo.client import StreamDied
from demo.evening import Evening
from demo.fleet import CHECKOUT, DemoFailed

from .figures import figures, table, whole
from .machine import Meter
from .part import Part
from .parts import PARTS

BUILD = CHECKOUT / "build" / "fleet"
SPARE = 1.1  # visitors are asked to come this much more often, because some will have to wait
INTRODUCTION = "Changes a fleet under load, over and over, and counts what its visitors lose."


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    evening = stage.make(BUILD)
    try:
        perform(evening, options)
    except KeyboardInterrupt:
        show.complain("Interrupted. What was measured is kept; ONLY=... measures the rest.")
        return 130
    except (DemoFailed, StreamDied) as problem:
        show.complain(str(problem))
        return 1
    finally:
        leave(evening)
    return report()


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="make fleet", description=INTRODUCTION)
    made.add_argument("--only", type=chosen, default=PARTS, metavar="NAME,...", help=", ".join(part.name for part in PARTS))
    made.add_argument("--rounds", type=int, help="how often each part is done, instead of its own number")
    made.add_argument("--again", action="store_true", help="take the fleet as an earlier run left it, without preparing it")
    made.add_argument("--rate", type=float, default=200.0, help="requests a second, at least (200)")
    made.add_argument("--least", type=int, default=10_000, help="requests of each part, at least (10000)")
    return made


def chosen(names: str) -> tuple[Part, ...]:
    known = {part.name: part for part in PARTS}
    unknown = set(names.split(",")) - known.keys()
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return tuple(part for part in PARTS if part.name in names.split(","))


def perform(evening: Evening, options: argparse.Namespace) -> None:
    print(INTRODUCTION)
    show.title("Preparation")
    shutil.rmtree(BUILD / "logs", ignore_errors=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    (stage.resume if options.again else stage.prepare)(evening)
    for part in options.only:
        keep(part, measure(evening, part, options.rounds or part.rounds, options.rate, options.least))


def measure(evening: Evening, part: Part, rounds: int, rate: float, least: int) -> dict[str, Any]:
    """Play one part while visitors come, and go on until enough of them came."""
    show.title(f"{part.name}, {rounds} times")
    show.say("story", part.story)
    evening.open_doors(rate * SPARE, part.name)
    assert evening.stream is not None
    meter = Meter(evening.stream.pid)
    done = list(part.play(evening, rounds))
    await_visitors(evening.stream.record, least)
    effort = meter.read()
    return figures(part, done, evening.stream.stop(), effort, least, rate)


def await_visitors(record: Path, least: int) -> None:
    while lines(record) < least + 100:
        time.sleep(1)


def lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(1 for _ in stream)


def keep(part: Part, measured: dict[str, Any]) -> None:
    """At once: whatever comes later, this has been seen."""
    write(BUILD / part.name / "result.json", measured)
    write(BUILD / "result.json", whole(known()))
    show.say("result", f"{measured['outcome']}; {measured['failed']} of {measured['requests']} requests failed")


def known() -> list[dict[str, Any]]:
    """The parts that have been measured, by this run or an earlier one."""
    files = [BUILD / part.name / "result.json" for part in PARTS]
    return [json.loads(file.read_text(encoding="utf-8")) for file in files if file.exists()]


def write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def report() -> int:
    result = whole(known())
    show.title("Result")
    print(table(result))
    for why in result["unexpected"]:
        show.paragraph(why)
    print(f"\nAll figures: {BUILD / 'result.json'}; every request of a part: {BUILD}/<part>/requests.csv")
    return 0 if result["good"] else 1
