"""Takes a confirmed rollout back: one host after another, each out of rotation, each verified by its own engine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import Refused, Silent, WatchError
from .memory import BACK

PARTLY, REFUSED = "revert_failed", "refused"
_ROTATE_S, _BACK_S = 120.0, 400.0
_WELL = ("reverted", "unchanged")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class Fleet(Protocol):
    """Hosts that can be asked."""

    def ask(self, host: str, question: Mapping[str, Any], timeout_s: float = 30, payload: bytes = b"") -> dict[str, Any]: ...


@dataclass
class Outcome:
    """`back` are hosts that serve the release before and answer; `problems` is what else there is to say."""

    outcome: str = BACK
    back: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        done = "%s went back" % (", ".join(self.back) or "nobody")
        return "; ".join([done, *self.problems])


class GoingBack:
    """One rollout, its hosts, and the balancers before them (none for a release of the balancers themselves).

    `name` is who takes hold of the balancers. Two that watch must not share a hold: each would drain another host.
    """

    def __init__(self, fleet: Fleet, rollout: str, balancers: Sequence[str], why: str, name: str) -> None:
        self._fleet = fleet
        self._rollout = rollout
        self._claim = "watch-%s-%s" % (_NO_NAME.sub("_", name), rollout)
        self._balancers = list(balancers)
        self._why = why
        self._done = Outcome()

    def run(self, hosts: Sequence[str]) -> Outcome:
        """All hosts are asked, whatever becomes of the others. Nothing is changed where a balancer belongs to another rollout."""
        if not self._hold_balancers():
            return self._done
        for host in hosts:
            self._rotate(out=[host])
            self._take_back(host)
            if host in self._done.back:
                self._rotate(back=[host])
        self._let_go()
        self._done.outcome = PARTLY if self._done.failed else BACK
        return self._done

    def _hold_balancers(self) -> bool:
        """One that is dead drains nobody and has no visitors; one that refuses is another rollout's, and so is the fleet.

        Nobody goes on after a no: two who want the same would each get half of the balancers, again and again.
        """
        reached = []
        for balancer in self._balancers:
            try:
                self._tell(balancer)
                reached.append(balancer)
            except Silent as silent:
                self._done.problems.append(str(silent))
            except Refused as refused:
                self._done.problems.append(str(refused))
                self._done.outcome = REFUSED
                break
        self._balancers = reached
        if self._done.outcome == REFUSED:
            self._rotate(last=True)
        return self._done.outcome != REFUSED

    def _take_back(self, host: str) -> None:
        try:
            said = self._fleet.ask(host, {"ask": "back", "rollout": self._rollout, "why": self._why}, _BACK_S)
        except WatchError as error:
            said = {"outcome": "", "message": str(error)}
        if said.get("outcome") in _WELL:
            self._done.back.append(host)
        else:
            self._done.failed.append(host)
            self._done.problems.append("%s: %s" % (host, said.get("message")))

    def _let_go(self) -> None:
        """Who did not go back gets no visitors, as long as somebody else has gone: better a doubtful host than none."""
        if self._done.back:
            self._rotate(hold=self._done.failed, last=True)
        else:
            self._rotate(back=self._done.failed, last=True)

    def _rotate(self, **hosts: Any) -> None:
        for balancer in self._balancers:
            try:
                said = self._tell(balancer, **hosts)
                self._done.problems += ["%s: %s" % (balancer, failure) for failure in said.get("failures", [])]
            except WatchError as error:
                self._done.problems.append(str(error))

    def _tell(self, balancer: str, **hosts: Any) -> dict[str, Any]:
        question = {"ask": "rotate", "rollout": self._claim, "why": "goes back: " + self._why, **hosts}
        return self._fleet.ask(balancer, question, _ROTATE_S)
