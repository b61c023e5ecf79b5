"""What one host of a rollout answered, phase by phase. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from plugins.plugin_utils.host_answer import Answer, problem

# what a host was asked, in this order; the name of the registered variable is `rollout_` and this
PHASES = ("proved", "live", "verified", "confirmed", "reverted")
# what balancers were asked, in this order; each host of the play registered what those said that it cares for
STEPS = ("begun", "out", "back", "soaked")
ENDED = "ended"


class HostRecord(NamedTuple):
    """What one host answered; a phase that it was not asked about is missing from `answers`.

    A host that is `down` could not be reached from the beginning, and the rollout went on without it. `steps` are answers of the
    balancers that this host cared for, by step and balancer.
    """

    name: str
    answers: Mapping[str, Answer]
    down: bool = False
    steps: Mapping[str, Mapping[str, Answer]] = MappingProxyType({})

    def ok(self, phase: str) -> bool:
        return phase in self.answers and not problem(self.answers[phase])

    @property
    def release(self) -> str:
        return str(self.answers.get("proved", {}).get("release") or "")

    @property
    def serves(self) -> str:
        verified = self.answers.get("verified", {})
        return str(verified.get("current") or verified.get("release") or "")

    @property
    def due(self) -> bool:
        return self.ok("proved") and self.answers["proved"].get("outcome") != "unchanged"

    @property
    def elsewhere(self) -> bool:
        """Whether somebody else took the release back, to another one than was live before; the rollout leaves it there."""
        before = self.answers.get("live", {}).get("previous")
        return bool(before) and self.ok("reverted") and self.answers["reverted"].get("release") != before

    @property
    def touched(self) -> bool:
        """Whether the release may be live there; a host that refused it may hold one that is not ours to revert."""
        return "live" in self.answers and self.answers["live"].get("outcome") != "rejected"


def records(hostvars: Mapping[str, Any], hosts: Iterable[str]) -> list[HostRecord]:
    return [_record(host, hostvars[host]) for host in hosts]


def _record(host: str, variables: Mapping[str, Any]) -> HostRecord:
    down = host in plan_of(variables).get("down", ())
    return HostRecord(host, _answers(variables), down, {step: _by_balancer(variables, step) for step in (*STEPS, ENDED)})


def plan_of(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    return variables.get("rollout_plan") or {}


def _by_balancer(variables: Mapping[str, Any], step: str) -> dict[str, Answer]:
    results = (variables.get("rollout_" + step) or {}).get("results") or []
    return {str(one["balancer"]): one for one in results if isinstance(one, Mapping) and not one.get("skipped")}


def _answers(variables: Mapping[str, Any]) -> dict[str, Answer]:
    found = {phase: variables.get("rollout_" + phase) for phase in PHASES}
    return {phase: answer for phase, answer in found.items() if isinstance(answer, Mapping) and not answer.get("skipped")}


def left(host_records: Iterable[HostRecord]) -> dict[str, list[str]]:
    """Hosts that balancers have not asked yet, by balancer."""
    answers = [pair for host in host_records for pair in host.steps.get("back", {}).items()]
    return {balancer: list(answer["left"]) for balancer, answer in answers if answer.get("left")}


def held_back(host_records: Iterable[HostRecord]) -> list[str]:
    return sorted({site for host in host_records for site in host.answers.get("proved", {}).get("held_back") or []})


def uneven(host_records: Sequence[HostRecord]) -> bool:
    """Whether a second proof is needed, so that all hosts hold back the same sites and get the same release."""
    union = held_back(host_records)
    return any(sorted(host.answers.get("proved", {}).get("held_back") or []) != union for host in host_records)
