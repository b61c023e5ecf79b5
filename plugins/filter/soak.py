"""Compares how real visitors fare on hosts with the new release and on those with the old one. Pure: counts in, words out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

DOCUMENTATION = r"""
name: soak
short_description: Compares how visitors fare on hosts with the new and with the old release
description:
  - C(rollout_soak) takes what balancers counted before and after a time and says whether the new release fails more often.
  - C(rollout_slices) cuts that time into parts.
author: The Evenkeel contributors (@evenkeel)
"""

ERRORS = 3  # fewer say nothing: a visitor's own bad luck is not a release's fault
TIMES = 2.0
MORE = 0.02  # of all requests; below that, a difference is noise
LONGEST_S = 10
FLOOR = 50  # requests; with fewer, visitors alone do not decide

Counts = Mapping[str, Sequence[int]]


class Tally(NamedTuple):
    """Requests and how many of them failed."""

    asked: int
    failed: int

    @property
    def ratio(self) -> float:
        return self.failed / self.asked if self.asked else 0.0


def tally(before: Iterable[Counts], after: Iterable[Counts], hosts: Iterable[str]) -> Tally:
    """What `hosts` answered in between, on all balancers; a balancer that reloaded has begun to count anew."""
    chosen, asked, failed = set(hosts), 0, 0
    for first, last in zip(before, after, strict=True):
        for host in chosen & set(last):
            was = first.get(host, (0, 0))
            was = was if last[host][0] >= was[0] else (0, 0)
            asked += last[host][0] - was[0]
            failed += max(0, last[host][1] - was[1])
    return Tally(asked, failed)


def verdict(new: Tally, old: Tally) -> dict[str, Any]:
    """`bad`, and one sentence that says how many requests decided.

    Bad are three errors at least, a ratio twice as high as on the old release, and two requests of a hundred more. This holds for
    a quiet fleet, too: ten requests of which five fail are enough, one that fails never is.
    """
    worse = new.ratio > TIMES * old.ratio and new.ratio - old.ratio > MORE
    bad = new.failed >= ERRORS and worse
    seen = f"{new.failed} of {new.asked} requests failed on the new release, {old.failed} of {old.asked} on the old one"
    if bad:
        return {"bad": True, "text": f"visitors fare worse: {seen}"}
    if new.asked < FLOOR:
        return {"bad": False, "text": f"only {new.asked} requests came to the new release ({seen}), so that probes decided"}
    return {"bad": False, "text": f"visitors fare well: {seen}"}


def soaked(begun: Sequence[Counts], before: Sequence[Counts], after: Sequence[Counts], new: Sequence[str]) -> dict[str, Any]:
    """The verdict on the hosts `new`. Where too few ask the old release, what was counted before the rollout stands in."""
    everybody = {host for counts in after for host in counts}
    old = tally(before, after, everybody - set(new))
    if old.asked < FLOOR:
        earlier = tally([{} for _ in begun], begun, everybody)
        old = Tally(old.asked + earlier.asked, old.failed + earlier.failed)
    return verdict(tally(before, after, new), old)


def counted(hostvars: Mapping[str, Any], hosts: Iterable[str], step: str) -> list[Counts]:
    """What each balancer counted in a step, in the order of their names."""
    answers = [one for host in hosts for one in (hostvars[host].get("rollout_" + step) or {}).get("results") or []]
    return [one["counts"] for one in sorted(answers, key=lambda one: str(one.get("balancer"))) if "counts" in one]


def of_fleet(hostvars: Mapping[str, Any], hosts: Sequence[str], new: Sequence[str]) -> dict[str, Any]:
    """The verdict on the hosts `new` from what balancers said during the rollout; empty before they said it."""
    begun, before, after = (counted(hostvars, hosts, step) for step in ("begun", "back", "soaked"))
    return soaked(begun, before, after, new) if after and len(before) == len(after) == len(begun) else {}


def slices(settings: Mapping[str, Any]) -> list[int]:
    """The soak's seconds in parts, so that deadlines are put off in between and nobody suffers to its end."""
    left, part = int(settings["soak_s"]), max(1, min(LONGEST_S, int(settings["deadline_s"]) // 4))
    return [part] * (left // part) + ([left % part] if left % part else [])


class FilterModule:
    """Filters for playbooks."""

    def filters(self) -> dict[str, Any]:
        return {"rollout_soak": of_fleet, "rollout_slices": slices}
