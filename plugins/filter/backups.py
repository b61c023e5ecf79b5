"""Decides which release backups get, and says what came of it. Pure: answers in, plans and sentences out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[2]))  # a plain project has no name by which a plugin could import

from plugins.plugin_utils.host_answer import Answer, problem

DOCUMENTATION = r"""
name: backups
short_description: Decides which release backups get, and says what came of it
description:
  - C(known_good_release) finds the release that is known good on the active hosts, and who has it.
  - C(promotion_wanted) says whether a rollout is about to change an active host.
  - C(promotion_aftermath) says how backups are after a push.
  - C(promotion_due) lists the backups that lack it.
  - C(promotion_proved) lists those of them on which it has passed its proof.
  - C(promotion_result) is the outcome of a promotion, with its message.
  - C(backups_lines) tells how far each backup is behind, which sites none has yet, and whether all visitors are there.
author: The Evenkeel contributors (@evenkeel)
"""

Hostvars = Mapping[str, Any]
PHASES = ("proved", "live", "verified", "confirmed")
GOOD = ("promoted", "unchanged", "planned")


class Trusted(NamedTuple):
    """What one active host trusts, and what it trusted before, the youngest first."""

    host: str
    release: str
    history: Sequence[str]


def known_good(hostvars: Hostvars, actives: Sequence[str], asked: Answer | None = None) -> dict[str, Any]:
    """`release` (empty when nobody can say), `hosts` that have it, and `why` nobody can say.

    Answers of a running rollout are enough where they agree; otherwise `asked`, the registered loop over the active hosts.
    """
    told = [_told(hostvars[host]) for host in actives]
    if asked is None:
        found = [Trusted(host, good, ()) for host, good in zip(actives, told, strict=True) if good]
        agreed = len(found) == len(actives) and len({one.release for one in found}) == 1
        return _choice(found[0].release, found) if agreed else _nobody("the active hosts were not asked yet")
    heard = [Trusted(one["active"], one["known_good"], one["history"]) for one in _serving(asked)]
    if not heard:
        return _nobody("no active host that serves a site has answered; see playbooks/status.yml, or publish first")
    release = _most(heard) or _newest(heard)
    if release is None:
        shown = ", ".join(f"{one.release} on {one.host}" for one in heard)
        return _nobody(f"the active hosts trust different releases ({shown}); settle that with playbooks/push.yml")
    return _choice(release, heard)


def _told(variables: Answer) -> str:
    """What a host said last in a rollout that is under way."""
    answers = [variables.get("rollout_" + phase) or {} for phase in ("confirmed", "reverted", "live", "proved")]
    return next((str(answer["known_good"]) for answer in answers if answer.get("known_good")), "")


def _serving(asked: Answer) -> list[Answer]:
    """A host without sites is not joined yet: what it trusts says nothing."""
    return [one for one in asked.get("results") or [] if not problem(one) and one.get("sites") and one.get("known_good")]


def _most(heard: Sequence[Trusted]) -> str | None:
    release, count = Counter(one.release for one in heard).most_common(1)[0]
    return release if 2 * count > len(heard) else None


def _newest(heard: Sequence[Trusted]) -> str | None:
    """The one release whose hosts trusted all others before; a host that was away during a rollout is behind."""
    wanted = {one.release for one in heard}
    newest = {one.release for one in heard if wanted <= set(one.history)}
    return newest.pop() if len(newest) == 1 else None


def _choice(release: str, heard: Iterable[Trusted]) -> dict[str, Any]:
    return {"release": release, "hosts": [one.host for one in heard if one.release == release], "why": ""}


def _nobody(why: str) -> dict[str, Any]:
    return {"release": "", "hosts": [], "why": why}


def wanted(hostvars: Hostvars, actives: Sequence[str]) -> bool:
    """Whether the rollout of the active hosts is about to change one of them."""
    return any((hostvars[host].get("rollout_plan") or {}).get("due") for host in actives)


def due(hostvars: Hostvars, hosts: Sequence[str], good: Mapping[str, Any], patient: Sequence[str] = ()) -> list[str]:
    """Hosts that answer and do not serve the release, confirmed; of those that are `patient`, the ones that serve no site yet."""
    heard = [host for host in hosts if _has_release(hostvars[host].get("fleet_found") or {})]
    lacking = [host for host in heard if good["release"] and _moves(hostvars[host], good["release"])]
    return [host for host in lacking if not (host in patient and hostvars[host]["fleet_found"].get("sites"))]


def _has_release(found: Answer) -> bool:
    """A host that was never provisioned has none, and could prove nothing."""
    return bool(found.get("current")) and not problem(found)


def proved(hostvars: Hostvars, hosts: Sequence[str]) -> list[str]:
    """Those of `hosts` on which the release has passed its proof."""
    return [host for host in hosts if not problem(hostvars[host].get("rollout_proved") or {"failed": True})]


def result(
    hostvars: Hostvars, hosts: Sequence[str], good: Mapping[str, Any], check: bool = False, again: str = "playbooks/promote.yml"
) -> dict[str, Any]:
    """`outcome` (promoted, unchanged, planned, rejected), `good`, `release`, `message` and `hosts` of a promotion."""
    left = {host: why for host in hosts if (why := _left(hostvars[host], good["release"], check))} if good["release"] else {}
    moved = [host for host in hosts if host not in left and _moves(hostvars[host], good["release"])]
    failed = bool(left) or not good["release"]
    outcome = "rejected" if failed else "unchanged" if not moved else "planned" if check else "promoted"
    there = [host for host in hosts if host not in left]
    return {
        "outcome": outcome,
        "good": outcome in GOOD,
        "release": good["release"],
        "message": f"{outcome}: {_message(hostvars, there, moved, left, good, check)}"
        + (f" Next: see to that, then {again}." if left else ""),
        "hosts": {host: {"promoted": host in moved and not check, "why": left.get(host, "")} for host in hosts},
    }


def _moves(variables: Answer, release: str) -> bool:
    found = variables.get("fleet_found") or {}
    return found.get("current") != release or not found.get("confirmed")


def _left(variables: Answer, release: str, check: bool) -> str:
    """Why a host does not serve the release; empty where it does."""
    found = variables.get("fleet_found")
    if not found:
        return "was not asked"
    if text := problem(found):
        return text
    if not found.get("current"):
        return "has no release yet; bring it into the fleet with playbooks/add_backup.yml"
    if not _moves(variables, release):
        return ""
    answers = [variables.get("rollout_" + phase) or {} for phase in PHASES]
    told = next((problem(answer) for answer in answers if problem(answer)), "")
    done = check or (answers[-1].get("outcome") == "confirmed" and not answers[-1].get("skipped"))
    return told or ("" if done else "did not get that far")


def _message(
    hostvars: Hostvars,
    there: Sequence[str],
    moved: Sequence[str],
    left: Mapping[str, str],
    good: Mapping[str, Any],
    check: bool,
) -> str:
    if not good["release"]:
        return f"backups keep what they have, because {good['why']}."
    known = f"release {good['release']}, which is known good on {', '.join(good['hosts'])}"
    would = [host for host in moved if check]
    has = [host for host in there if host not in would]
    sentences = [
        f"{', '.join(would)} would get {known}; nothing was changed." if would else "",
        f"{', '.join(has)} {'serves' if len(has) == 1 else 'serve'} {known}." if has else "",
        *(_left_behind(host, why, hostvars[host]) for host, why in left.items()),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _left_behind(host: str, why: str, variables: Answer) -> str:
    current = (variables.get("fleet_found") or {}).get("current")
    return f"{host} keeps {current}: {why.rstrip('.')}." if current else f"{host}: {why.rstrip('.')}."


def aftermath(hostvars: Hostvars, backups: Sequence[str], before: Answer, sites: Sequence[str]) -> dict[str, Any]:
    """How backups are after a push: `hosts` (host to words), `lacking` (of `sites`, those on no backup) and `message`.

    `before` is what `promotion_result` said of their promotion before the first active host changed.
    """
    now = {host: _now(hostvars[host]) for host in backups}
    words = {host: _standing(release, before, hostvars[host], host) for host, (release, _) in now.items()}
    served = set().union(*(known for _, known in now.values()))
    lacking = sorted(set(sites) - served)
    level = all(_confirmed(hostvars[host]) for host in backups)
    said = [f"{', '.join(hosts)} {text}" for text, hosts in _grouped(words).items()]
    new = f" New sites are on no backup before playbooks/promote.yml or the next push: {', '.join(lacking)}."
    return {
        "hosts": words,
        "lacking": [] if level else lacking,
        "message": "Backups: " + ", ".join(said) + "." + (new if lacking and not level else ""),
    }


def _now(variables: Answer) -> tuple[str, set[str]]:
    found = variables.get("fleet_found") or {}
    release = (variables.get("rollout_confirmed") or {}).get("release") if _confirmed(variables) else found.get("current")
    return str(release or ""), set(found.get("sites") or [])


def _confirmed(variables: Answer) -> bool:
    """Whether the last promotion of this host, after it was asked what it has, came to its end."""
    answer, good = variables.get("rollout_confirmed") or {}, variables.get("rollout_good") or {}
    mine = variables.get("inventory_hostname") in (variables.get("rollout_due") or [])
    return mine and answer.get("outcome") == "confirmed" and answer.get("release") == good.get("release")


def _standing(release: str, before: Answer, variables: Answer, host: str) -> str:
    why = str((before.get("hosts") or {}).get(host, {}).get("why") or "")
    if why and release != before.get("release"):
        return f"kept {release or 'nothing'} ({why.rstrip('.')}); then playbooks/promote.yml"
    if release == (variables.get("rollout_good") or {}).get("release"):
        return "serves it, too"
    return f"serves {release}, which was known good before" if release else "did not say what it serves; see playbooks/status.yml"


def _grouped(words: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for host, text in words.items():
        found.setdefault(text, []).append(host)
    return found


def behind(backups: Mapping[str, Answer], actives: Mapping[str, Answer]) -> dict[str, Any]:
    """By host, in words, how far it is behind; and `lacking`, sites that are on active hosts and on no backup yet.

    Both arguments map hosts to what `release_info` answered.
    """
    heard = [one for one in actives.values() if not problem(one) and one.get("sites")]
    history = max((one.get("history") or [] for one in heard), key=len, default=[])
    newest = next((str(one["known_good"]) for one in heard), "")
    order = list(dict.fromkeys([newest, *history]))
    known = {host: info for host, info in backups.items() if not problem(info)}
    served = set().union(*(info.get("sites") or [] for info in known.values())) if known else set()
    sites = set().union(*(one["sites"] for one in heard)) if heard else set()
    return {
        "hosts": {host: _steps(str(info.get("current") or ""), order) for host, info in known.items() if heard},
        "lacking": sorted(sites - served) if known else [],
    }


def _steps(release: str, order: Sequence[str]) -> str:
    if release not in order:
        return f"at {release or 'no release'}, which no active host has trusted lately (playbooks/promote.yml)"
    steps = order.index(release)
    return "level with the active hosts" if steps == 0 else f"{steps} confirmed release{'s' if steps > 1 else ''} behind"


def lines(hostvars: Hostvars, hosts: Sequence[str], groups: Mapping[str, Sequence[str]]) -> list[str]:
    """What a status says of backups below its table; nothing where there are none. `fleet_info` is each host's answer."""
    answers = {host: hostvars[host].get("fleet_info") or {} for host in hosts}
    backups = {host: answers[host] for host in groups.get("web_backup", ()) if host in answers}
    found = behind(backups, {host: answers[host] for host in groups.get("web", ()) if host in answers})
    over = sorted({pool for info in answers.values() for pool in info.get("failed_over") or []})
    told = [f"{host} is {words}" for host, words in found["hosts"].items()]
    told += [f"on no backup yet: {', '.join(found['lacking'])} (playbooks/promote.yml)"] if found["lacking"] else []
    told += [f"all visitors of {', '.join(over)} are on the backups (playbooks/failover.yml -e to=active)"] if over else []
    return ["", *told] if told else []


class FilterModule:
    """Filters for playbooks."""

    def filters(self) -> dict[str, Any]:
        return {
            "known_good_release": known_good,
            "promotion_wanted": wanted,
            "promotion_aftermath": aftermath,
            "promotion_due": due,
            "promotion_proved": proved,
            "promotion_result": result,
            "backups_lines": lines,
        }
