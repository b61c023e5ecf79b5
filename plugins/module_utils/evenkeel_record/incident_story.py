"""What an incident report asks of a rollout. Pure; nothing here looks at diffs or options, which may hold secrets."""

from __future__ import annotations

from collections.abc import Iterable

from .rollout import Failure, Phase, Reason, Rollout

# stems of task names, as journals have them
LIVE, PROOF, BEGIN, SOAK, ROLLBACK = "live", "prepare", "begin", "soak", "rollback"
ROLL = ("ask", "judge")
STAY = "visitors stay on "  # what a balancer says of hosts without which nobody would serve
ENDS = ("end", "settle")


def live(one: Rollout) -> tuple[Phase, ...]:
    """The steps that made it live, or may have: a host that fell silent meanwhile is one of them."""
    return tuple(step for step in one.phases if step.phase == LIVE and step.outcome != "rejected")


def live_since(one: Rollout) -> float | None:
    """When the first host began to make it live, in seconds since 1970."""
    return min((step.began for step in live(one)), default=None)


def drained(one: Rollout) -> bool:
    """Whether balancers were told, so that a host that gets a release has no visitors meanwhile."""
    told = [step for step in one.phases if step.phase in (BEGIN, *ROLL)]
    return any(step.phase == BEGIN for step in told) and not any(STAY in step.message for step in told)


def shown(one: Rollout) -> bool:
    """Whether visitors may have got answers of the new release: a drained host gets none before balancers have asked it."""
    first = min((step.ended for step in live(one)), default=None)
    if first is None or not drained(one):
        return first is not None
    return any(step.phase in ROLL and step.ok and step.began >= first for step in one.phases)


def doubted(one: Rollout) -> float | None:
    """When visitors' requests said no, in seconds since 1970: hosts went back after a soak, and no host had complained."""
    soaked = [step.ended for step in one.phases if step.phase == SOAK]
    back = any(step.phase in ENDS and step.outcome in ("reverted", "revert_failed") for step in one.phases)
    return max(soaked) if soaked and back and not one.failures else None


def first_failure(one: Rollout) -> Failure | None:
    return min(one.failures, key=lambda failure: failure.at, default=None)


def broken(one: Rollout) -> tuple[Reason, ...]:
    """Every page that was wrong, once, however many hosts said so."""
    known: dict[tuple[str, ...], Reason] = {}
    for reason in (reason for failure in one.failures for reason in failure.reasons):
        known.setdefault((reason.site, reason.probe or reason.url, reason.guard, reason.got), reason)
    return tuple(known.values())


def returned(one: Rollout) -> tuple[Phase, ...]:
    """The steps that put hosts back, and gave them their visitors."""
    return tuple(step for step in one.phases if step.ok and step.phase in (*ENDS, ROLLBACK))


def hosts(blamed: Iterable[Rollout]) -> tuple[str, ...]:
    """Those that said no, or had the release."""
    found = {failure.host for one in blamed for failure in one.failures}
    return tuple(sorted(found | {step.host for one in blamed for step in live(one)}))
