"""Processor time of a compilation, per size of the pool: first, unchanged, one site changed.

    python -m bench.compile [--sites 100,1000,5000] [--limit]

Each figure is a process of its own, so start and imports count; user and system time, which is what one core needs.
`--limit` fails when 1,000 sites take more than 2 s, 5,000 more than 8 s, or an unchanged truth more than a quarter.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from plugins.module_utils.evenkeel_compiler.build import Order, build, template_dirs
from plugins.module_utils.evenkeel_compiler.model import Pool

from . import truth

PROJECT = Path(__file__).resolve().parent.parent
LIMITS = {1000: 2.0, 5000: 8.0}  # seconds, from the project's goals


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", default="100,1000,5000", help="sizes, separated by commas")
    parser.add_argument("--limit", action="store_true", help="fail when a limit is broken")
    parser.add_argument("--compile", metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.compile:
        compile_once(Path(arguments.compile))
        return 0
    print(f"{'sites':>6} {'first':>8} {'unchanged':>10} {'one changed':>12}   (seconds of processor time)")
    broken = [complaint for size in map(int, arguments.sites.split(",")) for complaint in measure(size)]
    print("\n".join(broken))
    return 1 if broken and arguments.limit else 0


def measure(size: int) -> list[str]:
    """Prints one line; returns the limits that it breaks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sites = truth.Truth(size)
        truth.write_ours(sites, folder)
        first, unchanged = spent(folder), spent(folder)
        truth.write_ours(sites.turned(truth.site_name(1)), folder)
        changed = spent(folder)
    print(f"{size:6d} {first:8.2f} {unchanged:10.2f} {changed:12.2f}", flush=True)
    limit = LIMITS.get(size)
    slow = [f"{size} sites: {first:.2f} s, allowed are {limit:.0f} s"] if limit and first > limit else []
    if limit and unchanged > first / 4:
        slow.append(f"{size} sites unchanged: {unchanged:.2f} s, allowed is a quarter of {first:.2f} s")
    return slow


def spent(folder: Path) -> float:
    """User and system seconds of one compilation in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "bench.compile", "--compile", str(folder)], cwd=PROJECT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def compile_once(folder: Path) -> None:
    dirs = template_dirs(PROJECT)
    build(Order(PROJECT, "bench", Pool("web"), folder / "sites", folder / "build", dirs, {}))


if __name__ == "__main__":
    sys.exit(main())
