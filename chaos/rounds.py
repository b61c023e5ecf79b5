"""Plays a round: visitors ask, a push begins, a fault strikes, is undone, and the fleet is left alone until it has settled."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from bench.bed import BenchFailed
from demo.client import Stream
from plugins.module_utils.evenkeel_drill import visits
from plugins.module_utils.evenkeel_drill.aims import units
from plugins.module_utils.evenkeel_drill.faults import BALANCER, BY_NAME, CONTROLLER, EVERY_BALANCER, EVERY_WEB, POWER, Fault
from plugins.module_utils.evenkeel_drill.judge import Strike
from plugins.module_utils.evenkeel_drill.orders import Aim, lift, orders, strike

from . import load
from .checker import History, Violation, check
from .dice import Round
from .fleet import EDGE, WEB, Fleet
from .look import Look
from .push import Pace, Push

PUSH_LIMIT_S = 300.0
PUBLISHED, REFUSED = 0, 2  # exit statuses of push.yml
NO_SOAK = ("-e", "soak_s=0")
UNDO_AFTER_S = 60.0
DEADLINE_S, GRACE_S = 20, 60  # of a push on an idle machine; then until all hosts have gone back, are well and have visitors
MANIFEST = {"php_versions": ["8.2"], "sites": {}}  # no site of the fleet has a master of its own


@dataclass(frozen=True)
class Played:
    """What came of a round; `exit_code` is the push's, `healed` says that the next push had to bring the hosts together."""

    round: Round
    hosts: tuple[str, ...]
    exit_code: int
    healed: bool
    requests: int
    failed: int
    seconds: float
    violations: tuple[Violation, ...]


class Player:
    """Plays rounds on a fleet; each leaves its visitors' record in a folder of its own."""

    def __init__(self, fleet: Fleet, folder: Path, rate: float, patience: float) -> None:
        self._fleet = fleet
        self._folder = folder
        self._rate = rate
        self._patience = patience
        self._pace = Pace()

    @property
    def _deadline_s(self) -> int:
        """A host confirms within the first half of its deadline only, and a busy machine pushes slowly."""
        return max(DEADLINE_S, round(2 * self._pace.typical_s(good=True)))

    def play(self, one: Round) -> Played:
        """BenchFailed when the fleet cannot be told what to do; what it does wrong is in `violations`."""
        began = time.monotonic()
        folder = self._folder / str(one.number)
        stream = Stream(load.load(self._fleet.address, self._fleet.truth.certificate, self._rate), folder)
        stream.start()
        try:
            struck, code = self._push_and_strike(one)
            ended, healed = self._settle(one)
            stream.stop()
        finally:
            stream.kill()
        with stream.record.open(encoding="utf-8") as lines:
            seen = visits.read(lines)
        wrong = check(History(seen, [struck] if struck else [], ended, self._patience))
        wrong += [] if healed is not None else [Violation("ending", "the next push did not bring the hosts to one release")]
        failed = sum(not visit.good for visit in seen)
        hosts = struck.hosts if struck else ()
        return Played(one, hosts, code, bool(healed), len(seen), failed, time.monotonic() - began, tuple(wrong))

    def _push_and_strike(self, one: Round) -> tuple[Strike | None, int]:
        """Whom the fault struck, and the push's exit status; where the push is over before the moment, the fault comes then."""
        self._fleet.truth.change(one)
        push = self._push()
        try:
            push.wait(one.moment * self._pace.typical_s(one.good))
            struck = self._strike(one, push)
            code = push.wait(PUSH_LIMIT_S)
        finally:
            push.kill()
            if not one.good:
                self._fleet.truth.put_back(one.site)
        if code is None or push.took_s is None:
            raise BenchFailed(f"the push of {one.describe()} had not ended after {PUSH_LIMIT_S:.0f} s")
        if code == (PUBLISHED if one.good else REFUSED):
            self._pace.learn(one.good, push.took_s)
        return struck, code

    def _push(self) -> Push:
        return Push(self._fleet.play("push.yml", *NO_SOAK, "-e", f"deadline_s={self._deadline_s}"))

    def _strike(self, one: Round, push: Push) -> Strike | None:
        """None for the controller's death, which excuses nothing."""
        fault = BY_NAME[one.fault]
        if fault.strikes == CONTROLLER:
            push.kill()
            return None
        hosts = self._targets(one, fault)
        began = time.time()
        try:
            self._make(fault, hosts)
            struck = time.time()
            time.sleep(one.lasts_s)
        finally:
            undoing = time.time()
            self._undo(fault, hosts)
        return Strike(fault, hosts, began, struck, undoing, time.time())

    def _targets(self, one: Round, fault: Fault) -> tuple[str, ...]:
        if fault.strikes in (EVERY_WEB, EVERY_BALANCER):
            return WEB if fault.strikes == EVERY_WEB else EDGE
        return (self._fleet.holder(),) if fault.strikes == BALANCER else (WEB[one.host % len(WEB)],)

    def _make(self, fault: Fault, hosts: tuple[str, ...]) -> None:
        if fault.means == POWER:
            self._fleet.power("kill", hosts)
            return
        for host in hosts:
            cut_off = EDGE if fault.strikes != EVERY_BALANCER else [name for name in EDGE if name != host]
            aim = Aim(units(fault.name, MANIFEST), self._fleet.addresses(cut_off))
            self._fleet.run(host, strike(orders(fault.name, aim), UNDO_AFTER_S))

    def _undo(self, fault: Fault, hosts: tuple[str, ...]) -> None:
        if fault.means == POWER:
            self._fleet.power("start", hosts)
            return
        for host in hosts:
            self._fleet.run(host, lift())

    def _settle(self, one: Round) -> tuple[Look, bool | None]:
        """How all hosts are in the end, and whether a push had to help; None when that did not help either.

        A host that was struck in the middle of a push may need the next one, which a person would start, to have what the
        others have and to get visitors. A fault that leaves hosts alone is no excuse.
        """
        ended = self._fleet.settled(self._deadline_s + GRACE_S)
        if ended.well or not _disturbs_hosts(one):
            return ended, False
        pushed = self._push().wait(PUSH_LIMIT_S) == PUBLISHED
        return self._fleet.settled(self._deadline_s + GRACE_S), True if pushed else None


def _disturbs_hosts(one: Round) -> bool:
    return BY_NAME[one.fault].strikes not in (BALANCER, EVERY_BALANCER, CONTROLLER)
