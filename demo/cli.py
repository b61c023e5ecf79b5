"""The command line of `make demo`."""

from __future__ import annotations

import argparse
import shutil
import signal
from collections.abc import Sequence

from . import disasters, pages, scenarios, show
from . import evening as stage
from .client import StreamDied
from .evening import BUILD, RECORD, Evening
from .fleet import HOSTS, NEWCOMER, DemoFailed, testbed
from .plot import play
from .result import Result, Scenario, judge, table, verdict

PLOTS = (*scenarios.PLOTS, *disasters.PLOTS)
INTRODUCTION = """A fleet of Debian hosts (edge1, edge2, web1, web2, backup1, db1) publishes eight sites while visitors ask
for their pages. Then things happen that cost other companies an evening. Every request is written down."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    evening = stage.make()
    try:
        result = perform(evening, options)
    except KeyboardInterrupt:
        show.complain("Interrupted. The hosts stay up; a release that nobody confirmed undoes itself on its host.")
        return 130
    except (DemoFailed, StreamDied) as problem:
        show.complain(str(problem))
        return 1
    finally:
        leave(evening)
    return report(result, options.remove)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="make demo", description=INTRODUCTION)
    numbers = ", ".join(f"{number} {plot.name}" for number, plot in enumerate(PLOTS, 1))
    made.add_argument("--only", type=int, action="append", choices=range(1, len(PLOTS) + 1), metavar="N", help=numbers)
    made.add_argument("--fresh", action="store_true", help="begin with new hosts")
    after = made.add_mutually_exclusive_group()
    after.add_argument("--keep", action="store_true", help="leave the hosts running (as it does without being told)")
    after.add_argument("--remove", action="store_true", help="remove the hosts afterwards")
    return made


def perform(evening: Evening, options: argparse.Namespace) -> Result:
    print(INTRODUCTION)
    show.title("Preparation")
    shutil.rmtree(BUILD / "logs", ignore_errors=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    if options.fresh:
        show.say("hosts", "Remove the hosts of an earlier run")
        testbed("down", *HOSTS, NEWCOMER)
    stage.prepare(evening)
    evening.open_doors()
    clients = len(pages.RATES) * pages.load(evening.edge).visitors
    show.say("visitors", f"{clients} clients ask all sites through the balancers, {pages.RATE:.0f} times a second")
    scenarios = scenes(evening, options.only)
    assert evening.stream is not None
    return judge(scenarios, evening.stream.stop())


def scenes(evening: Evening, only: list[int] | None) -> list[Scenario]:
    chosen = [(number, plot) for number, plot in enumerate(PLOTS, 1) if not only or number in only]
    return [play(evening, number, plot) for number, plot in chosen]


def leave(evening: Evening) -> None:
    """However it ended: no visitor and no playbook stays behind, and the hosts can be used."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    evening.controller.interrupt()
    if evening.stream:
        evening.stream.kill()
        stage.tidy(evening)


def report(result: Result, remove: bool) -> int:
    result.save(BUILD / "result.json")
    show.title("Result")
    print(table(result))
    for one in result.scenarios:
        print(f"\n{one.name}:")
        show.paragraph(one.message)
        if one.incident:
            print(f"  Incident report: {one.incident}")
    print(f"\n{verdict(result)}")
    print(f"Every rollout, with a timeline and what it changed: {RECORD / 'index.html'}")
    print(f"Every request: {BUILD / 'stream' / 'requests.csv'}; what was said: {BUILD / 'logs'}; this: {BUILD / 'result.json'}")
    if remove:
        testbed("down", *HOSTS, NEWCOMER)
    return 0 if result.good else 1
