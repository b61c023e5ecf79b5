"""`python -m tests.faults`: what `make faults` runs."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.faults import collection, probing, result
from tests.faults.collection import BadFault, Choice
from tests.faults.result import Result
from tests.faults.runner import Runner

PROJECT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    os.environ.setdefault("EVENKEEL_BED", "faults")
    try:
        chosen = Choice(options.classes, tuple(word for word in options.ids.split(",") if word), options.tenth)
        faults = chosen.of(collection.load(Path(options.faults)))
        began = time.monotonic()
        names = [f"f-{number + 1}" for number in range(options.hosts)]
        results = Runner(PROJECT / "build/faults", names, "f-edge", _tell, options.probes).run(faults)
    except BadFault as error:
        print("".join(f"faults | {line}\n" for line in str(error).splitlines()), end="")
        return 2
    folder = PROJECT / "build/faults"
    result.write(results, folder)
    print(result.table(results).split("\n\n")[0])
    tried = sum(not one.broken for one in results)
    print(f"faults | {tried} of {len(results)} tried in {time.monotonic() - began:.0f} s; {folder}/result.json")
    return 0 if _well(results) else 1


def _well(results: list[Result]) -> bool:
    """All but slow ones refused, harmless ones published, and everything could be tried."""
    return all(not result.broken and (result.kind == "e" or result.refused == (result.kind != "z")) for result in results)


def _tell(one: Result) -> None:
    if one.broken:
        print(f"{one.kind} {one.id:32} {one.outcome:10} {one.message}", flush=True)
        return
    lost = f", {one.lost_requests} of {one.requests} requests lost" if one.lost_requests else ""
    first = one.message.split("rejected: ")[-1].strip().splitlines()[0][:150] if one.message else ""
    print(f"{one.kind} {one.id:32} {one.outcome:10} {one.guard:12} {one.seconds:5.1f} s{lost}  {first}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make faults", description="Try faults on real hosts.")
    parser.add_argument("--faults", default=str(collection.OWN), help="a fault file, or a folder of them")
    parser.add_argument("--class", dest="classes", default="", help="only these classes, such as cd")
    parser.add_argument("--id", dest="ids", default="", help="only these faults, with commas between")
    parser.add_argument("--tenth", action="store_true", help="every tenth fault of each class")
    parser.add_argument("--hosts", type=int, default=2, help="how many hosts take part")
    parser.add_argument("--probes", choices=probing.KINDS, default=probing.OWN, help="who says what is asked of the sites")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
