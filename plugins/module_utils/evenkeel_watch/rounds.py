"""One round of the watch: who was published lately, how its sites fare, and what follows from it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from . import judge, look, memory, metrics
from .config import EDGE, Config
from .errors import WatchError
from .going_back import REFUSED, Fleet, GoingBack
from .judge import Verdict
from .look import Asked, Look
from .memory import BACK, REGRESSED, SEEN_IN_A_ROW, TRY_S, Case

MEMORY, METRICS = "cases.json", "watch.prom"
_LOOK_S = 30.0
_AT_ONCE = 8


class Watch:
    """Prometheus and hosts, watched as `config` says."""

    def __init__(self, config: Config, asked: Asked, fleet: Fleet) -> None:
        self._config = config
        self._asked = asked
        self._fleet = fleet
        self._said: list[str] = []

    def round(self, now: float) -> list[str]:
        """What is worth a line in the log. WatchError when Prometheus does not answer: then nothing is decided."""
        cases = memory.load(self._path(MEMORY))
        lasts = {host: one for host, one in look.last(self._asked, now).items() if self._config.host(host)}
        recent = look.recent(lasts, now, self._config.bake_s)
        for rollout, looks in _by_rollout(self._looks(self._beside(recent)), recent).items():
            cases[rollout] = self._judged(self._known(cases, looks, recent, now), looks, now)
            self._remember(cases, now)  # before anybody goes anywhere
            cases[rollout] = self._acted(cases[rollout], looks, now)
        known = {name: case.followed(lasts, now) for name, case in cases.items()}
        self._remember(memory.kept(known, recent, now), now)
        return self._said

    def _beside(self, recent: Collection[str]) -> list[str]:
        """Those hosts and their pools': Prometheus may have missed one, which must not keep what all others gave up."""
        pools = {one.pool for one in self._config.hosts if one.name in recent}
        return [one.name for one in self._config.hosts if one.pool in pools]

    def _remember(self, cases: Mapping[str, Case], now: float) -> None:
        memory.save(self._path(MEMORY), cases)
        memory.write(self._path(METRICS), metrics.text(cases, now))

    def _path(self, name: str) -> Path:
        return self._config.state / name

    def _looks(self, hosts: Iterable[str]) -> list[Look]:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [found for found in pool.map(self._look, sorted(hosts)) if found]

    def _look(self, host: str) -> Look | None:
        """None where a host does not answer: the others tell enough, and a dead one is somebody else's alert."""
        try:
            return look.parsed(host, self._fleet.ask(host, {"ask": "look"}, _LOOK_S))
        except (WatchError, KeyError, TypeError, ValueError) as error:
            self._said.append("%s was not looked at: %s" % (host, error))
            return None

    def _known(self, cases: Mapping[str, Case], looks: Iterable[Look], recent: Mapping[str, str], now: float) -> Case:
        """The case of what they all look at. Who did not answer is a host of it, too, and must go back or get no visitors."""
        told = {one.host: one.rollout for one in looks}
        rollout = next(iter(told.values()))
        case = cases.get(rollout) or Case(rollout, now, now)
        hosts = {host for host, last in {**recent, **told}.items() if last == rollout}
        pool = next((one.pool for one in self._config.hosts if one.name in hosts), "")
        return replace(case, pool=pool, hosts=tuple(sorted({*case.hosts, *hosts})))

    def _judged(self, case: Case, looks: list[Look], now: float) -> Case:
        """The case with what this round saw."""
        if case.told:
            return case
        found = self._verdict(case.rollout, looks, now)
        if not found.regression:
            return replace(case, seen=0, text=found.text)
        case = replace(case, seen=case.seen + 1, broken=found.broken, text=found.text)
        return replace(case, state=REGRESSED, changed=now) if case.seen >= SEEN_IN_A_ROW else case

    def _verdict(self, rollout: str, looks: list[Look], now: float) -> Verdict:
        visits = look.probes(self._asked, looks, now)
        touched, added = (
            frozenset[str]().union(*sets) for sets in ((one.touched for one in looks), (one.added for one in looks))
        )
        return judge.verdict(rollout, touched, added, look.together(looks, visits))

    def _acted(self, case: Case, looks: list[Look], now: float) -> Case:
        """What a regression leads to: a line in the journal of each host, and the way back where that is allowed.

        A host that was away while the others went back, and still has the release, is sent after them.
        """
        if case.state not in (REGRESSED, BACK):
            return case
        if not case.noted:
            self._said.append(case.text)
            self._note(case, looks)
            case = replace(case, noted=True)
        late = case.state == BACK
        if not self._config.auto_revert or (now > case.changed + TRY_S and not late):
            return case
        edge = any(one.tier == EDGE for one in looks)
        balancers = () if edge else self._config.balancers
        done = GoingBack(self._fleet, case.rollout, balancers, case.text, self._config.name).run(
            [one.host for one in looks] if late else case.hosts
        )
        self._said.append("%s: %s" % (done.outcome, done.text))
        return case if done.outcome == REFUSED else replace(case, state=done.outcome, changed=now)

    def _note(self, case: Case, looks: list[Look]) -> None:
        for one in looks:
            try:
                self._fleet.ask(one.host, {"ask": "note", "rollout": case.rollout, "why": case.text})
            except WatchError as error:
                self._said.append(str(error))


def _by_rollout(looks: Iterable[Look], recent: Mapping[str, str]) -> dict[str, list[Look]]:
    found: dict[str, list[Look]] = {rollout: [] for rollout in recent.values()}
    for one in looks:
        if one.rollout in found:
            found[one.rollout].append(one)
    return {rollout: own for rollout, own in found.items() if own}


def run(config: Config, asked: Asked, fleet: Fleet) -> list[str]:
    return Watch(config, asked, fleet).round(time.time())
