"""The same on a balancer: break its engine at every step, lose power while a release is pending, fill its disk.

python3 edge_rounds.py FOLDER PHASE HOW    PHASE is one of rounds.py, or full_disk, pending, after_boot
"""

from __future__ import annotations

import sys
import time
from typing import Any

import edge_visitor
import full_disk
import host_state
import rounds
from breaking import attempt
from rounds import NEW, OLD, Lab

_UP_S = 20


class EdgeLab(Lab):
    """A balancer; an answer tells the release of the balancer, and the site behind it."""

    visitor = "edge_visitor.py"

    def answers(self) -> dict[str, dict[str, Any]]:
        return {site: edge_visitor.ask(site) for site in edge_visitor.SITES}

    def problem(self, site: str, answer: dict[str, Any], allowed: dict[str, str], whole: bool = True) -> str | None:
        if "error" in answer:
            return "%s: %s" % (site, answer["error"])
        if answer["status"] != 200 or answer["stamp"] != site:
            return "%s answered %s as %s" % (site, answer["status"], answer["stamp"])
        return None if answer["release"] in allowed.values() else "%s came through release %s" % (site, answer["release"])


def pending(lab: EdgeLab) -> None:
    """Before the power cut: live, verified, unconfirmed, and its deadline is far away."""
    lab.begin()
    lab.demand("prove", attempt(lab.proved(NEW)), "proved")
    lab.demand("live", attempt(lab.live(NEW, 3600)), "live")


def after_boot(lab: EdgeLab) -> None:
    """HAProxy began after the engine had put the known good release back, so no answer of this boot is the other one's."""
    end = time.monotonic() + _UP_S
    while any("error" in answer for answer in lab.answers().values()) and time.monotonic() < end:
        time.sleep(0.1)
    lab.settled("after the boot", OLD)
    settled, started = _moment("evenkeel-recover", "ExecMainExit"), _moment("haproxy", "ExecMainStart")
    if not 0 < settled <= started:
        lab.wrong("after the boot", "recovered at %d, HAProxy began at %d" % (settled, started))
    failed = host_state.said("systemctl", "--failed", "--plain", "--no-legend", "*evenkeel*")
    if failed:
        lab.wrong("after the boot", failed)


def _moment(unit: str, event: str) -> int:
    """Microseconds since the host was switched on."""
    return int(host_state.said("systemctl", "show", "--value", "--property", event + "TimestampMonotonic", unit) or 0)


def main() -> None:
    lab, phase = EdgeLab(sys.argv[1]), sys.argv[2]
    if phase in rounds.PHASES:
        return rounds.run(lab)
    if phase == "full_disk":
        return full_disk.run(lab, ["haproxy"])
    {"pending": pending, "after_boot": after_boot}[phase](lab)
    print("\n".join(lab.problems) or "as it must")
    return None


if __name__ == "__main__":
    main()
