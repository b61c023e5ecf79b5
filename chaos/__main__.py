"""`make chaos SEED=7 ROUNDS=200`: disasters at random moments of random pushes, until a visitor got what nobody may get.

Without a seed one is chosen and said. A round is decided by seed and number alone: FIRST=n begins with that one.
Leaves build/chaos/<seed>/result.json, and each round's record beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench import bed
from bench.bed import CHECKOUT, BenchFailed

from .dice import roll
from .fleet import HOSTS, Fleet
from .rounds import Played, Player
from .truth_copy import Truth

BUILD = CHECKOUT / "build" / "chaos"


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    os.environ.setdefault("EVENKEEL_BED", "chaos")
    try:
        played = run(options)
    except BenchFailed as problem:
        print(f"chaos | Stopped: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        if not options.keep:
            bed.down(HOSTS)
    print(f"chaos | Seed {options.seed}: {summary(played)}")
    return 1 if any(one.violations for one in played) else 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="make chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--seed", type=int, default=random.randrange(10**6), help="decides everything; without it, any")
    made.add_argument("--rounds", type=int, default=10)
    made.add_argument("--first", type=int, default=0, help="the number of the first round")
    made.add_argument("--rate", type=float, default=45.0, help="requests a second over all sites")
    made.add_argument("--patience", type=float, default=2.0, help="widens the faults' windows, for a machine that is all hosts")
    made.add_argument("--keep", action="store_true", help="leave the hosts for the next run")
    made.add_argument("--as-is", action="store_true", help="play on with the hosts that a run of this seed has kept")
    made.add_argument("--go-on", action="store_true", help="do not stop at a round that is not clean")
    return made


def run(options: argparse.Namespace) -> list[Played]:
    """Rounds that were played; the last one is the first that was not clean, if there was one."""
    folder = BUILD / str(options.seed)
    fleet = Fleet(Truth(folder / "truth" / "chaos", anew=not options.as_is), folder)
    print(f"chaos | Seed {options.seed}; hosts {', '.join(HOSTS)}", flush=True)
    if options.as_is:
        fleet.find()
    else:
        fleet.up()
    player, played = Player(fleet, folder, options.rate, options.patience), []
    for number in range(options.first, options.first + options.rounds):
        played.append(player.play(roll(options.seed, number)))
        tell(played[-1])
        (folder / "result.json").write_text(json.dumps([asdict(one) for one in played], indent=1) + "\n", encoding="utf-8")
        if played[-1].violations:
            complain(played[-1], folder)
            if not options.go_on:
                break
    return played


def summary(played: Sequence[Played]) -> str:
    clean = [one for one in played if not one.violations]
    requests, failed = sum(one.requests for one in clean), sum(one.failed for one in clean)
    through, healed = sum(one.exit_code == 0 for one in clean), sum(one.healed for one in clean)
    return (
        f"{len(clean)} of {len(played)} rounds were clean; in those, {requests} requests, {failed} lost within the windows of "
        f"faults, {through} pushes that got through, {healed} healed by the next push"
    )


def tell(one: Played) -> None:
    ended = "healed by the next push" if one.healed else f"push ended with {one.exit_code}"
    verdict = "NOT CLEAN" if one.violations else "clean"
    print(
        f"chaos | {one.round.number:3d} {verdict}: {one.round.describe()} on {', '.join(one.hosts) or 'the controller'}; "
        f"{ended}; {one.requests} requests, {one.failed} failed; {one.seconds:.0f} s",
        flush=True,
    )


def complain(one: Played, folder: Path) -> None:
    for violation in one.violations:
        print(f"chaos | {violation.rule}: {violation.text}")
        for record in violation.records:
            print(f"chaos |   {record}")
    print(f"chaos | The record: {folder / str(one.round.number)}; what the push said: {folder / 'push.log'}")
    print(f"chaos | Again: make chaos SEED={one.round.seed} FIRST={one.round.number} ROUNDS=1")


if __name__ == "__main__":
    sys.exit(main())
