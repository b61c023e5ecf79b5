"""Decides what a rollout has come to, from what its hosts answered. Pure: results in, verdicts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

DOCUMENTATION = r"""
name: rollout
short_description: Decides what a rollout has come to, from what its hosts answered
description:
  - C(rollout_doubts) lists every reason not to go on, one sentence each.
  - C(rollout_returning) lists the hosts that may get visitors again after a rollout that failed.
  - C(rollout_held_back) is the union of the sites that any host held back.
  - C(rollout_uneven) says whether hosts held back different sites, so that they must be proved again.
  - C(rollout_result) is the outcome, its message and the report of a rollout.
  - C(rollback_result) is the same for a rollback, C(rollback_returning) lists hosts that went back.
author: The Evenkeel contributors (@evenkeel)
"""

Answer = Mapping[str, Any]
# what a host was asked, in this order; the name of the registered variable is `rollout_` and this
PHASES = ("proved", "live", "verified", "confirmed", "reverted")
# what balancers were asked, in this order; each host of the play registered what those said that it cares for
STEPS = ("begun", "out", "back", "soaked")
ENDED = "ended"
REPORTED = ("outcome", "release", "previous", "known_good", "held_back", "seconds", "current")
MAX_LINES = 3
GOOD = ("published", "unchanged", "planned")
PUSH_AGAIN = "Push again once that is seen to."


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
    down = host in _plan(variables).get("down", ())
    return HostRecord(host, _answers(variables), down, {step: _by_balancer(variables, step) for step in (*STEPS, ENDED)})


def _plan(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    return variables.get("rollout_plan") or {}


def _by_balancer(variables: Mapping[str, Any], step: str) -> dict[str, Answer]:
    results = (variables.get("rollout_" + step) or {}).get("results") or []
    return {str(one["balancer"]): one for one in results if isinstance(one, Mapping) and not one.get("skipped")}


def _answers(variables: Mapping[str, Any]) -> dict[str, Answer]:
    found = {phase: variables.get("rollout_" + phase) for phase in PHASES}
    return {phase: answer for phase, answer in found.items() if isinstance(answer, Mapping) and not answer.get("skipped")}


def problem(answer: Answer) -> str:
    """What is wrong with an answer, in one line; empty when it is a good one."""
    if answer.get("unreachable"):
        return "could not be reached (" + _line(str(answer.get("msg") or "no answer").rpartition("ssh: ")[2]) + ")"
    if answer.get("failed"):
        return _line(answer.get("message") or answer.get("msg") or "failed without a word; run again with -v")
    return ""


def doubts(host_records: Sequence[HostRecord], rolled: bool = False) -> list[str]:
    """Every reason not to go on; with `rolled`, also hosts that should serve the release by now and were not verified."""
    alike = _alike(host_records)
    found = [(alike.get(text, text), host.name) for host in host_records for text in _host_doubts(host, rolled)]
    if any(host.due for host in host_records):
        found += _step_doubts(host_records)
    releases = sorted({host.release for host in host_records if host.release})
    if len(releases) > 1 and not found:
        found = [("the hosts came to different releases, " + ", ".join(releases) + ", because what is live on them differs", "")]
    return _by_reason(found)


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
    plan, soak = _plan(variables), variables.get("rollout_soak") or {}
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


def _all_doubts(hostvars: Mapping[str, Any], hosts: Sequence[str], rolled: bool = False) -> list[str]:
    return doubts(records(hostvars, hosts), rolled) + (fleet_doubts(hostvars[hosts[0]]) if hosts else [])


def returning(hostvars: Mapping[str, Any], hosts: Sequence[str]) -> list[str]:
    """Hosts that may get visitors again after a rollout that failed: they serve what they did before."""
    return [host.name for host in records(hostvars, hosts) if not host.touched or host.ok("reverted")]


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


def _by_reason(found: Iterable[tuple[str, str]]) -> list[str]:
    """`web1, web2: reason`, each reason once."""
    reasons: dict[str, list[str]] = {}
    for text, host in found:
        reasons.setdefault(text, []).append(host)
    return [", ".join(hosts) + ": " + text if any(hosts) else text for text, hosts in reasons.items()]


def held_back(host_records: Iterable[HostRecord]) -> list[str]:
    return sorted({site for host in host_records for site in host.answers.get("proved", {}).get("held_back") or []})


def uneven(host_records: Sequence[HostRecord]) -> bool:
    """Whether a second proof is needed, so that all hosts hold back the same sites and get the same release."""
    union = held_back(host_records)
    return any(sorted(host.answers.get("proved", {}).get("held_back") or []) != union for host in host_records)


def not_back(host_records: Iterable[HostRecord]) -> list[str]:
    """Why a balancer sends no visitors to hosts that have gone back, or still holds the rollout."""
    answers = [pair for host in host_records for pair in host.steps.get(ENDED, {}).items()]
    return _by_reason((problem(answer), balancer) for balancer, answer in answers if problem(answer))


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
    error = _line(rollout.get("error") or "")
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
        "message": verdict + ": " + _message(verdict, known, release, why, str(rollout.get("next") or PUSH_AGAIN)),
        "reasons": why,
        "actor": rollout.get("actor", ""),
        "commit": rollout.get("commit", ""),
        "started": rollout["started"],
        "seconds": round(float(rollout["now"]) - float(rollout["started"]), 1),
        "down": [host.name for host in known if host.down],
        "soak": str(((hostvars[hosts[0]].get("rollout_soak") if hosts else None) or {}).get("text") or ""),
        "hosts": {host.name: _host_report(host) for host in known},
    }


def _message(verdict: str, known: Sequence[HostRecord], release: str, why: Sequence[str], then: str) -> str:
    writer = {
        "published": _published,
        "unchanged": _unchanged,
        "planned": _planned,
        "rejected": _rejected,
        "reverted": _reverted,
        "revert_failed": _revert_failed,
    }[verdict]
    sentences = [*writer(known, release, why), then if verdict in ("rejected", "reverted") else ""]
    return " ".join(sentence for sentence in sentences if sentence)


def _published(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    touched = [host for host in known if host.touched]
    said = _said_by_all("live", touched)
    yield f"{said} Confirmed on {_names(touched)}." if said else f"release {release} is live and confirmed on {_names(touched)}."
    yield _held(known)
    yield _left_down(known)
    yield _sentence("; ".join(not_back(known)))
    if previous := next((host.answers["live"].get("previous") for host in touched if host.answers["live"].get("previous")), None):
        yield f"To take it back: playbooks/rollback.yml -e release={previous}"


def _unchanged(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    up = [host for host in known if not host.down]
    yield f"release {release} is live and confirmed on {_names(up)}; there was nothing to do."
    yield " ".join(_by_reason((aside, host.name) for host in up for aside in host.answers.get("proved", {}).get("asides") or ()))
    yield _held(known)
    yield _left_down(known)


def _planned(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    due = [host for host in known if host.due]
    yield f"release {release} would go to {_names(due)}; nothing was changed."
    yield _said_by_all("proved", due)
    yield _held(known)
    yield _left_down(known)
    yield "To publish it: the same command without --check."


def _rejected(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    yield "nothing of it went live; every host serves what it served."
    yield _sentence("; ".join(why) or "no host is in this play; look at the inventory and at --limit")


def _reverted(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    touched = [host for host in known if host.touched]
    back = [host for host in touched if not host.elsewhere]
    yield f"release {release} was taken back from {_names(back)}; what was live before answers again." if back else ""
    left = [(_line(host.answers["reverted"]["message"]), host.name) for host in touched if host.elsewhere]
    yield _sentence("; ".join(_by_reason(left)))
    untouched = [host for host in known if host.due and not host.touched]
    yield f"It never was on {_names(untouched)}." if untouched else ""
    yield _sentence("; ".join(why))


def _revert_failed(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    touched = [host for host in known if host.touched]
    back = [host for host in touched if host.ok("reverted")]
    yield f"release {release} had to be taken back, and not every host has confirmed that it did."
    yield _left_to_do(host for host in touched if host not in back)
    yield _sentence("; ".join(f"{text}, so that visitors are not sent there" for text in not_back(known)))
    yield _sentence("Answers as before: " + _names(back)) if back else ""
    yield _sentence("It began with " + "; ".join(why))
    yield "Next: playbooks/status.yml, then playbooks/rollback.yml, or `evenkeel revert` on the host."


def _left_down(known: Iterable[HostRecord]) -> str:
    down = [host for host in known if host.down]
    if not down:
        return ""
    return f"{_names(down)} could not be reached and gets no visitors until it has caught up: once it is up, playbooks/push.yml."


def _left_to_do(known: Iterable[HostRecord]) -> str:
    return _sentence("Still to be seen to: " + "; ".join(_by_reason((_not_back(host), host.name) for host in known)))


def _not_back(host: HostRecord) -> str:
    answer = host.answers.get("reverted", {})
    text = problem(answer) or "was not asked to revert"
    reverts = answer.get("unreachable") and host.touched  # a rollback of a confirmed release has no deadline
    return text + ", so it reverts by itself at its deadline" if reverts else text


def _names(known: Iterable[HostRecord]) -> str:
    return ", ".join(host.name for host in known)


def _said_by_all(phase: str, known: Sequence[HostRecord]) -> str:
    """What the engine says it does, when it says the same on every host."""
    said = {_line(host.answers.get(phase, {}).get("message") or "") for host in known}
    return _sentence(said.pop()) if len(said) == 1 else ""


def _held(known: Sequence[HostRecord]) -> str:
    sites = held_back(known)
    return f"Held back, as they were: {', '.join(sites)}; correct them and push again." if sites else ""


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else text + "."


def _line(text: Any) -> str:
    """`text` in one line; the last line of the output names the first few mistakes, the lines above it all of them."""
    lines = [" ".join(line.split()) for line in str(text).splitlines() if line.strip()]
    more = [f"and {len(lines) - MAX_LINES} more, named above"] if len(lines) > MAX_LINES else []
    shown = lines[:MAX_LINES] + more
    return " ".join(line if line[-1] in ".:!?;," else line + ";" for line in shown).rstrip(";")


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


def rollback_result(hostvars: Mapping[str, Any], hosts: Sequence[str], check: bool = False) -> dict[str, Any]:
    """The report of a rollback: reverted, unchanged and planned are good, rejected and revert_failed are not."""
    known = records(hostvars, hosts)
    verdict = rollback_outcome(known, check)
    back = [host for host in known if host.ok("reverted")]
    releases = ", ".join(sorted({str(host.answers["reverted"].get("release")) for host in back}))
    serve = "would serve" if verdict == "planned" else "serves" if len(back) == 1 else "serve"
    sentences = [f"{_names(back)} {serve} {releases}." if back else ""]
    if len(back) < len(known):
        sentences += [_left_to_do(host for host in known if host not in back), "Next: playbooks/status.yml, and what it says."]
    elif verdict == "unchanged":
        sentences.append("To go to an older one: -e release=ID; playbooks/status.yml names those that are kept.")
    sentences += [_sentence("; ".join(not_back(known)))]
    return {
        "outcome": verdict,
        "good": len(back) == len(known),
        "release": releases,
        "message": verdict + ": " + " ".join(sentence for sentence in sentences if sentence),
    }


def rollback_outcome(known: Sequence[HostRecord], check: bool) -> str:
    failed = [host for host in known if not host.ok("reverted")]
    moved = [host for host in known if host.ok("reverted") and host.answers["reverted"].get("outcome") != "unchanged"]
    refused = [host for host in failed if host.answers.get("reverted", {}).get("outcome") == "rejected"]
    if failed:
        return "rejected" if len(refused) == len(known) else "revert_failed"
    return "unchanged" if not moved else "planned" if check else "reverted"


class FilterModule:
    """Filters for playbooks; each takes `hostvars` and the names of the play's hosts."""

    def filters(self) -> dict[str, Any]:
        return {
            "rollout_doubts": _all_doubts,
            "rollout_returning": returning,
            "rollout_held_back": lambda hostvars, hosts: held_back(records(hostvars, hosts)),
            "rollout_uneven": lambda hostvars, hosts: uneven(records(hostvars, hosts)),
            "rollout_result": result,
            "rollback_result": rollback_result,
            "rollback_returning": lambda hostvars, hosts: [host.name for host in records(hostvars, hosts) if host.ok("reverted")],
        }
