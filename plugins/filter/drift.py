"""Shows what drifted in a fleet. Pure: answers of `drift_info` in, text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DOCUMENTATION = r"""
name: drift
short_description: Shows what drifted in a fleet
description:
  - C(drift_status) makes a table and diffs of what C(drift_info) answered as C(drift_found) on each host, and an outcome, which
    is C(well), or C(attention) where a host differs or did not answer.
author: The Evenkeel contributors (@evenkeel)
"""

Info = Mapping[str, Any]
KINDS = ("changed", "missing", "extra", "link", "package", "module", "vhost")


def status(hostvars: Mapping[str, Any], hosts: Sequence[str]) -> dict[str, Any]:
    """`table` and `differences` as lines, `outcome` and `message`."""
    answers = {host: hostvars[host].get("drift_found") or {} for host in hosts}
    silent = {host: _reason(info) for host, info in answers.items() if "kinds" not in info}
    drifted = [host for host, info in answers.items() if info.get("found")]
    problems = [f"{host} {why}" for host, why in silent.items()]
    problems += [f"{host} differs in {_number(answers[host])}" for host in drifted]
    told = "; ".join(problems) + _next(answers[host] for host in drifted)
    well = f"{', '.join(hosts)} {'has' if len(hosts) == 1 else 'have'} what was written, and nothing else."
    return {
        "table": _table([("host", "release", *KINDS), *(_row(host, info) for host, info in answers.items())]),
        "differences": [line for host in drifted for line in ("", f"{host}:", *_lines(answers[host]))],
        "outcome": "attention" if problems else "well",
        "message": f"attention: {told}" if problems else f"well: {well}",
    }


def _row(host: str, info: Info) -> tuple[str, ...]:
    if "kinds" not in info:
        return (host, "unreachable" if info.get("unreachable") else "no answer", *["-"] * len(KINDS))
    return (host, str(info.get("release") or "none"), *(str(info["kinds"].get(kind) or "-") for kind in KINDS))


def _lines(info: Info) -> list[str]:
    return ["  " + line for line in str(info.get("text") or "").splitlines()]


def _number(info: Info) -> str:
    count = len(info["found"])
    return f"{count} thing{'' if count == 1 else 's'} ({info['found'][0]['path']}{', ...' if count > 1 else ''})"


def _next(answers: Any) -> str:
    """What to do, by what a push would do."""
    lost = [bool(one.get("lost")) for info in answers for one in info["found"]]
    found = ["put edits of the release into the truth and push, or push with -e adopt_drift=overwrite"] if any(lost) else []
    found += ["a push leaves the rest, with -e adopt_drift=keep"] if not all(lost) else []
    return ". Next: " + "; ".join(found) + "." if found else "."


def _reason(info: Info) -> str:
    if not info:
        return "was not asked"
    said = " ".join(str(info.get("msg") or "no reason given").rpartition("ssh: ")[2].split())
    return f"{'cannot be reached' if info.get('unreachable') else 'did not answer'} ({said})"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


class FilterModule:
    """Filters for playbooks; each takes `hostvars` and the names of the play's hosts."""

    def filters(self) -> dict[str, Any]:
        return {"drift_status": status}
