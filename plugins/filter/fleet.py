"""Shows a fleet as a table, and says what is wrong with it. Pure: answers of `release_info` in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

DOCUMENTATION = r"""
name: fleet
short_description: Shows a fleet as a table, and says what is wrong with it
description:
  - C(fleet_status) makes a table of what C(release_info) answered as C(fleet_info) on each host, and an outcome, which is
    C(well), or C(attention) where somebody has to do something.
author: The Evenkeel contributors (@evenkeel)
"""

Info = Mapping[str, Any]
Groups = Mapping[str, Sequence[str]]
MAX_WAYS = 5
COLUMNS = ("host", "part", "release", "age", "confirmed", "visitors", "drift", "down", "held back")
PARTS = {"web": "web", "web_backup": "backup", "edge": "balancer"}  # groups, and what the table calls their hosts


def status(hostvars: Mapping[str, Any], hosts: Sequence[str], groups: Groups | None = None) -> dict[str, Any]:
    """`table` as lines, `outcome`, `release` of the web hosts (empty when they differ) and `message`."""
    answers = {host: hostvars[host].get("fleet_info") or {} for host in hosts}
    parts = {host: _part(host, groups or {}) for host in hosts}
    web = {host: info for host, info in answers.items() if parts[host] == "web"}
    problems = [*_problems(answers, parts), *_absences(answers), *_regressions(answers.values())]
    releases = sorted({str(info["current"]) for info in web.values() if info.get("current")})
    outcome = "attention" if problems else "well"
    serve = "serves" if len(hosts) == 1 else "serve"
    held = sorted({site for info in answers.values() for site in info.get("held_back") or []})
    left = f"held back: {', '.join(held)}, to be corrected and pushed" if held else "nobody has to do anything"
    well = f"{', '.join(hosts)} {serve} {_of_parts(answers, parts)}, confirmed; {left}."
    rows = [_row(host, parts[host], info, _visitors(host, parts, answers)) for host, info in answers.items()]
    return {
        "table": [*table([COLUMNS, *rows]), *_under_way(answers.values()), *_ways_back(web.values())],
        "outcome": outcome,
        "release": releases[0] if len(releases) == 1 else "",
        "message": outcome + ": " + (" ".join(problems) if problems else well),
    }


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _part(host: str, groups: Groups) -> str:
    return next((part for group, part in PARTS.items() if host in groups.get(group, ())), "web")


def _of_parts(answers: Mapping[str, Info], parts: Mapping[str, str]) -> str:
    """The releases, web hosts' first; a part with one of its own says so."""
    served = {part: {str(answers[host].get("current")) for host in answers if parts[host] == part} for part in PARTS.values()}
    shown = [", ".join(sorted(ids)) + ("" if part == "web" else f" ({part})") for part, ids in served.items() if ids]
    return ", ".join(shown)


def _absent(answers: Mapping[str, Info]) -> dict[str, dict[str, Info]]:
    """Hosts without visitors, each with what every balancer says of it."""
    found: dict[str, dict[str, Info]] = {}
    for balancer, info in answers.items():
        for host, one in (info.get("absent") or {}).items():
            found.setdefault(host, {})[balancer] = one
    return found


def _visitors(host: str, parts: Mapping[str, str], answers: Mapping[str, Info]) -> str:
    """Where balancers do not answer, nobody knows."""
    if parts[host] == "balancer" or "balancer" not in parts.values():
        return "-"
    if not any("absent" in info for one, info in answers.items() if parts[one] == "balancer"):
        return "?"
    return "no" if host in _absent(answers) else "yes"


def _absences(answers: Mapping[str, Info]) -> Iterator[str]:
    """Who gets no visitors, why, and what brings them back; what a rollout that is under way took out is its own affair."""
    for host, said in _absent(answers).items():
        one = next(iter(said.values()))
        if one.get("until") is not None:
            continue
        how = "once it is up, run playbooks/push.yml" if one.get("rollout") else _by_hand(host)
        yield f"{host} gets no visitors from {', '.join(said)} ({one.get('why')}): {how}."


def _regressions(answers: Iterable[Info]) -> list[str]:
    """What was seen after a confirm, once for all hosts; a push that is confirmed ends it."""
    seen = sorted({str(info["regression"]) for info in answers if info.get("regression")})
    return [f"{one[:1].upper()}{one[1:]}: correct it and push." for one in seen]


def _by_hand(host: str) -> str:
    return f"ansible edge -b -m haproxy_server -a 'server={host} state=ready' brings it back"


def _under_way(answers: Iterable[Info]) -> list[str]:
    claims = {claim["rollout"]: claim for info in answers if (claim := info.get("claim"))}
    return [f"rollout {name} of {claim['actor'] or 'somebody'} is under way" for name, claim in sorted(claims.items())]


def _row(host: str, part: str, info: Info, visitors: str) -> tuple[str, ...]:
    if _silent(info):
        state = "unreachable" if info.get("unreachable") else "no answer"
        return (host, part, state, *["-"] * 2, visitors, *["-"] * (len(COLUMNS) - 6))
    return (
        host,
        part,
        str(info.get("current") or "none"),
        age(info.get("age_s")),
        _confirmed(info),
        visitors,
        _count(info.get("drift"), "file"),
        ", ".join(info.get("down") or []) or "-",
        ", ".join(info.get("held_back") or []) or "-",
    )


def _silent(info: Info) -> bool:
    return not info or bool(info.get("unreachable")) or bool(info.get("failed"))


def _confirmed(info: Info) -> str:
    pending = info.get("pending")
    return f"reverts in {pending.get('left_s')} s" if pending else "yes" if info.get("confirmed") else "no"


def _count(found: Sequence[str] | None, noun: str) -> str:
    return f"{len(found)} {noun}{'' if len(found) == 1 else 's'}" if found else "-"


def age(seconds: int | None) -> str:
    """Coarse, as people say it: 40 s, 12 min, 3 h, 5 d."""
    if seconds is None:
        return "-"
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds // size} {unit}"
    return f"{seconds // 86400} d"


def _ways_back(answers: Iterable[Info]) -> list[str]:
    """Releases that every host keeps and has proved, the youngest first."""
    heard = [info for info in answers if not _silent(info)]
    proved = [[release for release in info.get("releases") or [] if release.get("verdict") == "passed"] for info in heard]
    everywhere = set.intersection(*({release["id"] for release in kept} for kept in proved)) if proved else set()
    everywhere -= {info.get("current") for info in heard}
    shown = [
        f"{release['id']} ({release.get('staged')})" for kept in proved[:1] for release in kept if release["id"] in everywhere
    ]
    return ["", "playbooks/rollback.yml -e release=ID can go to " + ", ".join(shown[:MAX_WAYS])] if shown else []


def _problems(answers: Mapping[str, Info], parts: Mapping[str, str]) -> Iterator[str]:
    for host, info in answers.items():
        yield from (f"{host}: {text}" for text in _host_problems(info))
    for part, playbook in (("web", "push.yml"), ("balancer", "edge.yml")):
        known = {host: info for host, info in answers.items() if parts[host] == part and info.get("current")}
        releases = {str(info["current"]): host for host, info in known.items()}
        if len(releases) > 1:
            shown = ", ".join(f"{release} on {host}" for release, host in sorted(releases.items()))
            yield f"Hosts serve different releases ({shown}): run playbooks/{playbook}."


def _host_problems(info: Info) -> Iterator[str]:
    if _silent(info):
        reason = str(info.get("msg") or "it was not asked").rpartition("ssh: ")[2]
        what = "cannot be reached" if info.get("unreachable") else "did not answer"
        yield f"{what} ({' '.join(reason.split())}); look at the host."
    elif not info.get("confirmed") or any(info.get(trouble) for trouble in ("drift", "unlinked", "down")):
        details = [*(info.get("drift") or [])[:3], *(f"{unit} is down" for unit in info.get("down") or [])]
        details += [f"{path} is not linked" for path in (info.get("unlinked") or [])[:3]]
        yield " ".join([*(f"{detail};" for detail in details), str(info.get("advice") or "it serves what nobody confirmed.")])
    if info.get("failures"):
        wrong = "; ".join(map(str, info["failures"][:3]))
        yield f"{wrong}: see the site's error log; if it came with the last push, playbooks/rollback.yml -e release=ID."


class FilterModule:
    """Filters for playbooks; each takes `hostvars` and the names of the play's hosts."""

    def filters(self) -> dict[str, Any]:
        return {"fleet_status": status}
