"""Decides what a rollout has come to, from what its hosts answered. Pure: results in, verdicts out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2]))  # a plain project has no name by which a plugin could import

from plugins.plugin_utils.host_answer import Answer, line, problem
from plugins.plugin_utils.rollout_doubts import all_doubts, doubts, fleet_doubts, not_back, reasons
from plugins.plugin_utils.rollout_record import PHASES, HostRecord, held_back, left, records, uneven
from plugins.plugin_utils.rollout_words import PUSH_AGAIN, message

DOCUMENTATION = r"""
name: rollout
short_description: Decides what a rollout has come to, from what its hosts answered
description:
  - C(rollout_doubts) lists every reason not to go on, one sentence each.
  - C(rollout_returning) lists the hosts that may get visitors again after a rollout that failed.
  - C(rollout_left) lists the hosts that have not been asked yet, for each balancer that has some.
  - C(rollout_held_back) is the union of the sites that any host held back.
  - C(rollout_uneven) says whether hosts held back different sites, so that they must be proved again.
  - C(rollout_result) is the outcome, its message and the report of a rollout.
author: The Evenkeel contributors (@evenkeel)
"""

REPORTED = ("outcome", "release", "previous", "known_good", "held_back", "seconds", "current")
GOOD = ("published", "unchanged", "planned")


def returning(hostvars: Mapping[str, Any], hosts: Sequence[str]) -> list[str]:
    """Hosts that may get visitors again after a rollout that failed: they serve what they did before."""
    return [host.name for host in records(hostvars, hosts) if not host.touched or host.ok("reverted")]


def outcome(host_records: Sequence[HostRecord], compiled: bool, check: bool, more: Sequence[str] = ()) -> str:
    """published, unchanged, rejected, reverted or revert_failed; planned in check mode. `more` are doubts that no host has."""
    touched = [host for host in host_records if host.touched]
    problems = [*reasons(host_records, check), *more]
    if touched:
        if not problems and all(host.ok("confirmed") for host in touched):
            return "published"
        return "reverted" if all(host.ok("reverted") for host in touched) and not not_back(host_records) else "revert_failed"
    if not compiled or problems:
        return "rejected"
    return "planned" if any(host.due for host in host_records) else "unchanged"


def result(hostvars: Mapping[str, Any], hosts: Sequence[str], rollout: Mapping[str, Any], check: bool = False) -> dict[str, Any]:
    """The report of a rollout: `outcome`, `message`, and what every host answered.

    `rollout` holds id, environment, release, actor, commit, started (seconds since 1970), now, and `error`, which is what the
    compiler refused, or empty; `next`, where it is no push that has to be run again, says what has to.
    """
    known = records(hostvars, hosts)
    error = line(rollout.get("error") or "")
    more = fleet_doubts(hostvars[hosts[0]]) if hosts else []
    verdict = outcome(known, compiled=not error, check=check, more=more)
    release = next((host.release for host in known if host.release), str(rollout.get("release") or ""))
    why = [error] if error else [*doubts(known), *more] or reasons(known, check)
    return {
        "rollout": rollout["id"],
        "environment": rollout["environment"],
        "outcome": verdict,
        "good": verdict in GOOD,
        "release": release,
        "held_back": held_back(known),
        "message": verdict + ": " + message(verdict, known, release, why, str(rollout.get("next") or PUSH_AGAIN)),
        "reasons": why,
        "actor": rollout.get("actor", ""),
        "commit": rollout.get("commit", ""),
        "started": rollout["started"],
        "seconds": round(float(rollout["now"]) - float(rollout["started"]), 1),
        "down": [host.name for host in known if host.down],
        "soak": str(((hostvars[hosts[0]].get("rollout_soak") if hosts else None) or {}).get("text") or ""),
        "hosts": {host.name: _host_report(host) for host in known},
    }


def _host_report(host: HostRecord) -> dict[str, Any]:
    return {
        "release": host.release,
        "touched": host.touched,
        "phases": {phase: _phase_report(host.answers[phase]) for phase in PHASES if phase in host.answers},
    }


def _phase_report(answer: Answer) -> dict[str, Any]:
    text = problem(answer)
    kept = {key: answer[key] for key in REPORTED if key in answer}
    return {**kept, "ok": not text, "message": text or str(answer.get("message") or "")}


class FilterModule:
    """Filters for playbooks; each takes `hostvars` and the names of the play's hosts."""

    def filters(self) -> dict[str, Any]:
        return {
            "rollout_doubts": all_doubts,
            "rollout_returning": returning,
            "rollout_left": lambda hostvars, hosts: left(records(hostvars, hosts)),
            "rollout_held_back": lambda hostvars, hosts: held_back(records(hostvars, hosts)),
            "rollout_uneven": lambda hostvars, hosts: uneven(records(hostvars, hosts)),
            "rollout_result": result,
        }
