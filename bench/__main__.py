"""`make bench`: pushes of many sites to real hosts, side by side with what people use today.

    make bench [SITES=10,1000] [HOSTS=1,4] [CASES=one,unchanged] [ROUNDS=3] [PEER=path/to/geerlingguy.apache]
               [ONLY=evenkeel] [BATCHES=1,100%] [SOAK=20] [CPUS=0.1]

Writes build/bench/result.json, result.txt and plots; docs/benchmarks.md explains them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

from . import bed, plots
from .contenders import Contender, evenkeel, hand, peer
from .rounds import CASES, Bench, Sample
from .summary import document, medians
from .table import table

FOLDER = bed.CHECKOUT / "build/bench"


def main() -> int:
    options = _options()
    os.environ.setdefault("EVENKEEL_BED", "bench")
    ours = evenkeel(FOLDER / "build", options.batches, options.soak)
    contenders = [ours, hand(), *([peer(options.peer.resolve())] if options.peer else [])]
    chosen = [contender for contender in contenders if not options.only or contender.name in options.only]
    samples: list[Sample] = []
    began = time.time()
    try:
        bench = Bench(chosen, options.cases, FOLDER, options.cpus, lambda line: print("bench | " + line, flush=True))
        for sample in bench.samples(options.sites, options.hosts, options.rounds, options.observe):
            samples.append(sample)
            _keep(samples, chosen, began, options.cpus)
    except bed.BenchFailed as problem:
        print(f"bench | Stopped: {problem}", file=sys.stderr)
        return 1
    finally:
        if not options.keep:
            bed.down([host for contender in chosen for host in contender.all_hosts(max(options.hosts))])
    text = table(samples, medians(samples))
    (FOLDER / "result.txt").write_text(text + "\n", encoding="utf-8")
    print("\n" + text)
    print("\n" + plots.draw(json.loads((FOLDER / "result.json").read_text(encoding="utf-8")), FOLDER))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = {"type": lambda text: [int(word) for word in text.split(",")], "metavar": "N,N"}
    parser.add_argument("--sites", default=[10, 100, 1000, 5000], help="sizes of the truth", **numbers)
    parser.add_argument("--hosts", default=[1, 4, 8], help="numbers of hosts", **numbers)
    parser.add_argument("--rounds", type=int, default=3, help="timed runs of each; an observed one comes on top")
    parser.add_argument("--cases", default=list(CASES), type=lambda text: text.split(","), help=", ".join(CASES))
    parser.add_argument("--peer", type=Path, help="a role that takes geerlingguy.apache's variables")
    parser.add_argument("--only", type=lambda text: text.split(","), help="contenders: evenkeel, hand, peer")
    parser.add_argument("--batches", default="", help="sizes of a rollout's batches, hosts or shares: 1,100%%")
    parser.add_argument("--soak", type=int, default=0, help="seconds for which visitors judge each batch of ours")
    parser.add_argument("--cpus", type=float, default=0.0, help="a host's part of a processor, as 0.1; by default all share all")
    parser.add_argument("--no-observe", dest="observe", action="store_false", help="no memory, no visitors")
    parser.add_argument("--keep", action="store_true", help="leave the hosts for the next run")
    return parser.parse_args()


def _keep(samples: list[Sample], contenders: list[Contender], began: float, cpus: float) -> None:
    """After each sample: a run of hours that is interrupted has not been for nothing."""
    found = {
        "format": 1,
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(time.time() - began),
        "machine": {
            "cores": os.cpu_count(),
            "a_host": cpus or "shares",
            "python": platform.python_version(),
            "load": os.getloadavg(),
        },
        "contenders": {contender.name: contender.title for contender in contenders},
        **document(samples, medians(samples)),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    fresh = FOLDER / "result.json.new"
    fresh.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    fresh.replace(FOLDER / "result.json")


if __name__ == "__main__":
    sys.exit(main())
