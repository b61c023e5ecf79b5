"""The timeline of an incident: what hosts, people and alerts did, in order, the same words of several hosts in one line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .incident_clock import moment
from .incident_model import Alert, Entry
from .rollout import INTERRUPTED, RUNNING, Phase, Rollout

LONGEST = 300  # entries; the journal has all
NAMED = 8  # hosts that one entry names
_ENDINGS = {
    INTERRUPTED: "The journal ends here: the controller was gone, without a last word",
    RUNNING: "The rollout was still under way when this was written",
}


def timeline(rollouts: Iterable[Rollout], alerts: Iterable[Alert]) -> tuple[tuple[Entry, ...], int]:
    """Entries in the order of their times, and how many were left out because nobody reads that many."""
    found = [entry for one in rollouts for entry in of_rollout(one)] + [entry for alert in alerts for entry in of_alert(alert)]
    found.sort(key=lambda entry: entry.at)
    left = max(0, len(found) - LONGEST)
    return tuple(found[: LONGEST // 2] + found[len(found) - LONGEST // 2 :] if left else found), left


def of_rollout(one: Rollout) -> Iterator[Entry]:
    whose = f" from commit {one.commit}" if one.commit else ""
    begun, ended = moment(one.began), moment(one.ended)
    ran = f"began playbooks/{one.playbook}.yml{whose} (rollout {one.rollout})"
    yield Entry(begun, begun, one.actor or "somebody", ran, "change")
    yield from of_steps(step for step in one.phases if step.ended and (step.changed or step.message or not step.ok))
    yield Entry(ended, ended, "controller", _ENDINGS.get(one.outcome) or first_sentence(one.message), "end")


def of_steps(steps: Iterable[Phase]) -> Iterator[Entry]:
    """One entry for all hosts that did the same and said the same."""
    groups: dict[tuple[str, str, str], list[Phase]] = {}
    for step in steps:
        groups.setdefault((step.phase, task(step), step.message), []).append(step)
    for same in groups.values():
        for run in runs(same):
            yield entry(run)


def runs(same: Sequence[Phase]) -> Iterator[list[Phase]]:
    """A host that does it again begins a new one."""
    run: list[Phase] = []
    for step in same:
        if any(step.host == known.host and step.began > known.ended for known in run):
            yield run
            run = []
        run.append(step)
    yield run


def entry(run: Sequence[Phase]) -> Entry:
    ends, hosts = [step.ended for step in run], list(dict.fromkeys(step.host for step in run))
    kind = "step" if all(step.ok for step in run) else "doubt"
    return Entry(moment(min(ends)), moment(max(ends)), names(hosts), run[0].message or task(run[0]), kind)


def task(step: Phase) -> str:
    """Its title without the item of a loop: `Hold the balancers (edge1)`."""
    return step.title.partition(" (")[0]


def of_alert(alert: Alert) -> Iterator[Entry]:
    said = f": {alert.summary}" if alert.summary else ""
    yield Entry(alert.began, alert.began, "monitoring", f"Alert {alert.name} ({alert.severity}) began to fire{said}", "alert")
    if alert.ended:
        yield Entry(alert.ended, alert.ended, "monitoring", f"Alert {alert.name} ended", "alert")


def names(hosts: Sequence[str]) -> str:
    left = len(hosts) - NAMED
    return ", ".join(hosts[:NAMED]) + (f" and {left} more" if left > 0 else "")


def first_sentence(message: str) -> str:
    """`rejected: nothing of it went live; every host serves what it served.` without the reasons, which the hosts have told."""
    head, dot, _ = " ".join(message.split()).partition(". ")
    return head + "." if dot else head
