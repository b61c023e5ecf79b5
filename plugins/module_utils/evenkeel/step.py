"""One step of a rollout on a balancer: some hosts come back, others go, and the rollout's hold on both is renewed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Optional

from . import absence, claim
from .absence import Absence
from .balancer import Balancer
from .edge_ask import HTTP_PORT
from .haproxy import DRAIN, READY, ServerState
from .host import Host
from .judge import judge_all, regressions
from .probe import Answer, Probe, parse
from .prober import Prober
from .store import Store
from .switch import ServerNotSettled
from .verdict import Failure

SERVER_HEADER = "Evenkeel-Server"
_SHOWN = 5

Ask = Callable[[Sequence[Probe]], list[Answer]]


@dataclass(frozen=True)
class Step:
    """What is to be done, in this order. Names are hosts of the inventory, those that HAProxy does not have are passed over.

    `back` are asked `probes` through this balancer, must answer them as `release`, and get visitors again. `out` get none from
    now on, until the rollout brings them back or dies; where nobody else would serve, they keep them. `hold` get none until
    another rollout brings them up.

    After `for_s` seconds of asking, hosts are left for a step of their own, and nobody goes yet; 0 asks them all.
    """

    rollout: str
    actor: str
    lease_s: float
    wait_s: float
    back: Sequence[str] = ()
    out: Sequence[str] = ()
    hold: Sequence[str] = ()
    probes: Sequence[Mapping[str, Any]] = ()
    release: str = ""
    why: str = ""
    last: bool = False
    for_s: float = 0


@dataclass
class Done:
    """What came of it. `failures` are reasons to go back; `left` were not asked yet; `aside` tells of requests that did not end
    in time, or of hosts that keep their visitors."""

    moved: bool = False
    left: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    aside: str = ""


def document(host: Host, params: Mapping[str, Any], dry: bool) -> dict[str, Any]:
    """Do the step that `params` (see the module `balancer_step`) describe, and tell who is out, how servers are and how many
    requests failed. A dry one, or one of no rollout, only looks. Raises Claimed or HaproxyRefused."""
    if Store(host).current_id() is None:
        none: dict[str, Any] = {"failures": [], "left": [], "absent": {}, "servers": {}, "counts": {}}
        return {"changed": False, "message": "", **none}  # no balancer yet
    balancer = Balancer(host)
    done = Done()
    if params["rollout"] and not dry:
        if params["take_over"]:
            claim.drop(host)
        done = Stepper(host, balancer, Prober(HTTP_PORT).ask).run(Step(**{one.name: params[one.name] for one in fields(Step)}))
        host.clock.sleep(0 if done.failures else params["watch_s"])
    said = {"changed": done.moved, "failed": bool(done.failures), "failures": done.failures, "left": done.left, **_message(done)}
    servers = {one.name: _shown(one) for one in balancer.look() if one.checked}
    absent = {name: asdict(one) for name, one in absence.load(host).items()}
    return {**said, "absent": absent, "servers": servers, "counts": balancer.counts()}


def _message(done: Done) -> dict[str, str]:
    left = "still to be asked: %s" % ", ".join(done.left) if done.left else ""
    message = "; ".join(done.failures[:_SHOWN]) or left or done.aside
    return {"msg": message, "message": message}


def _shown(one: ServerState) -> dict[str, Any]:
    return {"up": one.up, "admin": one.admin, "status": one.status, "check": one.check}


class Stepper:
    """One balancer; `ask` sends probes to its own address."""

    def __init__(self, host: Host, balancer: Balancer, ask: Ask) -> None:
        self._host = host
        self._balancer = balancer
        self._ask = ask

    def run(self, step: Step) -> Done:
        """Claimed when another rollout holds this balancer; HaproxyRefused when nobody could be taken out here."""
        claim.take(self._host, step.rollout, step.actor, step.lease_s)
        absence.put_off(self._host, step.rollout, self._host.clock.now() + step.lease_s)
        done = Done()
        self._bring_back(step, done)
        if not done.failures and not done.left:
            self._take_out(step, done)
            self._hold(step)
        if step.last:
            claim.drop(self._host, step.rollout)
        return done

    def _bring_back(self, step: Step, done: Done) -> None:
        known = [name for name in step.back if name in self._servers()]
        if step.probes and self._pass(known, step.wait_s, done):
            known = self._asked(known, step, done)
        absent = absence.load(self._host)
        ours = [name for name in known if name in absent and absent[name].rollout]
        if ours and not done.failures:
            self._settle_back(ours, step.wait_s, done)

    def _pass(self, names: Sequence[str], wait_s: float, done: Done) -> bool:
        """Whether all pass their checks. One that has just reloaded, or booted, may fail some first."""
        try:
            self._balancer.passing(names, wait_s)
        except ServerNotSettled as late:
            done.failures.append(str(late))
        return not done.failures

    def _asked(self, names: list[str], step: Step, done: Done) -> list[str]:
        """Those for which there was time; one at least, or a rollout would never end."""
        end = self._host.clock.monotonic() + (step.for_s or math.inf)
        for number, name in enumerate(names):
            if number and self._host.clock.monotonic() > end:
                done.left = names[number:]
                return names[:number]
            done.failures += [failure.line() for failure in self._wrong(name, step)]
        return names

    def _settle_back(self, names: list[str], wait_s: float, done: Done) -> None:
        """One that does not pass its check stays out, and keeps no other from coming back."""
        try:
            done.moved |= self._balancer.put_back(names, wait_s).changed
        except ServerNotSettled as late:
            done.failures.append(str(late))

    def _take_out(self, step: Step, done: Done) -> None:
        servers, absent = self._servers(), absence.load(self._host)
        free = [name for name in step.out if name in servers and _may_take(servers[name], absent.get(name))]
        if not _somebody_stays(servers, free):
            done.aside = "visitors stay on %s, because nobody else would serve them" % ", ".join(free)
            return
        if not free:
            return
        now = self._host.clock.now()
        try:
            one = Absence(DRAIN, step.why, step.rollout, now, now + step.lease_s)
            done.moved |= self._balancer.take_out(free, one, step.wait_s).changed
        except ServerNotSettled as late:
            done.moved, done.aside = True, str(late)  # a graceful reload waits for them, too

    def _hold(self, step: Step) -> None:
        servers, absent = self._servers(), absence.load(self._host)
        free = [name for name in step.hold if name in servers and _may_take(servers[name], absent.get(name))]
        if free:
            one = Absence(DRAIN, step.why, step.rollout, self._host.clock.now())
            self._balancer.take_out(free, one, 0)

    def _servers(self) -> dict[str, list[ServerState]]:
        found: dict[str, list[ServerState]] = {}
        for server in self._balancer.look():
            found.setdefault(server.name, []).append(server)
        return found

    def _wrong(self, name: str, step: Step) -> list[Failure]:
        """What visitors of this host would get wrong that they get right from those that have visitors now."""
        probes = [parse(str(raw["site"]), raw) for raw in step.probes]
        chosen = [replace(probe, headers={**probe.headers, SERVER_HEADER: name}) for probe in probes]
        answers = self._ask(chosen)
        other = _others(name, answers)
        if other:
            return [Failure(None, name, "does not pass this balancer's check, so that %s answered instead" % other)]
        found = judge_all(chosen, answers, step.release)
        failed = {(failure.site, failure.probe) for failure in found}
        again = [probe for probe in probes if (probe.site, probe.name) in failed]
        return regressions(found, judge_all(again, self._ask(again)))[0] if again else []


def _may_take(servers: Iterable[ServerState], known: Optional[Absence]) -> bool:
    """Whom a person took out, or nobody has let in yet, is not a rollout's to bring back."""
    return bool(known.rollout) if known else all(server.admin == READY for server in servers)


def _somebody_stays(servers: Mapping[str, Sequence[ServerState]], going: Sequence[str]) -> bool:
    """Whether each backend that `going` would leave has another server for its visitors; a graceful reload loses none of them."""
    left = {one.backend for name in going for one in servers[name] if one.checked and one.admin == READY}
    others = [one for name, found in servers.items() if name not in going for one in found]
    return left <= {one.backend for one in others if one.admin == READY and one.up and one.weight}


def _others(name: str, answers: Iterable[Answer]) -> str:
    """HAProxy asks another host where the chosen one has not passed its check."""
    found = {answer.headers.get(SERVER_HEADER.lower(), name) for answer in answers} - {name}
    return ", ".join(sorted(found))
