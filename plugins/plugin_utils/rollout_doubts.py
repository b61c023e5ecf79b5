"""Why a rollout may not go on, or did not end as it should. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from plugins.plugin_utils.host_answer import problem
from plugins.plugin_utils.rollout_record import ENDED, STEPS, HostRecord, plan_of, records


def doubts(host_records: Sequence[HostRecord], rolled: bool = False) -> list[str]:
    """Every reason not to go on; with `rolled`, also hosts that should serve the release by now and were not verified."""
    alike = _alike(host_records)
    found = [(alike.get(text, text), host.name) for host in host_records for text in _host_doubts(host, rolled)]
    if any(host.due for host in host_records):
        found += _step_doubts(host_records)
    releases = sorted({host.release for host in host_records if host.release})
    if len(releases) > 1 and not found:
        found = [("the hosts came to different releases, " + ", ".join(releases) + ", because what is live on them differs", "")]
    return by_reason(found)


def _alike(host_records: Iterable[HostRecord]) -> dict[str, str]:
    """Verdicts about the same sites differ in details from host to host; one of them speaks for all."""
    first: dict[tuple[str, ...], str] = {}
    proved = [host.answers["proved"] for host in host_records if "proved" in host.answers]
    rejected = [answer for answer in proved if answer.get("failed") and answer.get("failed_sites")]
    return {problem(answer): first.setdefault(tuple(answer["failed_sites"]), problem(answer)) for answer in rejected}


def _step_doubts(host_records: Iterable[HostRecord]) -> list[tuple[str, str]]:
    """What balancers said against going on."""
    answers = [pair for host in host_records for step in STEPS for pair in host.steps.get(step, {}).items()]
    return [(problem(answer), balancer) for balancer, answer in answers if problem(answer)]


def fleet_doubts(variables: Mapping[str, Any]) -> list[str]:
    """Reasons that no host has, from what the controller found out; the same on every host of the play."""
    plan, soak = plan_of(variables), variables.get("rollout_soak") or {}
    return [*plan.get("doubts", ()), *_mixed(variables), *([soak["text"]] if soak.get("bad") else [])]


def _mixed(variables: Mapping[str, Any]) -> list[str]:
    """Hosts that --limit leaves out, and that would serve another release than those of the run."""
    answers = (variables.get("rollout_others") or {}).get("results") or []
    wanted = str((variables.get("rollout_proved") or {}).get("release") or "")
    others = {str(one["other"]): str((one.get("stat") or {}).get("lnk_target") or "") for one in answers if "other" in one}
    left = sorted(host for host, target in others.items() if not target.endswith("/" + wanted))
    if not left:
        return []
    return [
        f"this run leaves out {', '.join(left)}, which would go on to serve another release; push without --limit, which leaves "
        "hosts alone that have the release, or say -e mixed=true"
    ]


def all_doubts(hostvars: Mapping[str, Any], hosts: Sequence[str], rolled: bool = False) -> list[str]:
    return doubts(records(hostvars, hosts), rolled) + (fleet_doubts(hostvars[hosts[0]]) if hosts else [])


def _host_doubts(host: HostRecord, rolled: bool) -> Iterator[str]:
    if host.down:
        return
    if "proved" not in host.answers:
        yield "was not asked, because it failed before"
    for phase in ("proved", "live", "verified", "confirmed"):
        if phase in host.answers and (text := problem(host.answers[phase])):
            yield text
    if host.ok("verified") and host.serves != host.release:
        yield f"serves {host.serves} instead of {host.release}"
    if rolled and host.due and "verified" not in host.answers and "live" not in host.answers:
        yield "did not get the release"


def reasons(host_records: Sequence[HostRecord], check: bool) -> list[str]:
    """Why a rollout did not end as it should; a host that was passed over counts only where nothing else explains it."""
    return doubts(host_records) or doubts(host_records, rolled=not check)


def by_reason(found: Iterable[tuple[str, str]]) -> list[str]:
    """`web1, web2: reason`, each reason once."""
    reasons: dict[str, list[str]] = {}
    for text, host in found:
        reasons.setdefault(text, []).append(host)
    return [", ".join(hosts) + ": " + text if any(hosts) else text for text, hosts in reasons.items()]


def not_back(host_records: Iterable[HostRecord]) -> list[str]:
    """Why a balancer sends no visitors to hosts that have gone back, or still holds the rollout."""
    answers = [pair for host in host_records for pair in host.steps.get(ENDED, {}).items()]
    return by_reason((problem(answer), balancer) for balancer, answer in answers if problem(answer))
