"""Decides what a rollback has come to, from what its hosts answered. Pure."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2]))  # a plain project has no name by which a plugin could import

from plugins.plugin_utils.rollout_doubts import not_back
from plugins.plugin_utils.rollout_record import HostRecord, records
from plugins.plugin_utils.rollout_words import left_to_do, names, sentence

DOCUMENTATION = r"""
name: rollback
short_description: Decides what a rollback has come to, from what its hosts answered
description:
  - C(rollback_result) is the outcome, its message and the report of a rollback.
  - C(rollback_returning) lists the hosts that went back, and may get visitors again.
author: The Evenkeel contributors (@evenkeel)
"""


def result(hostvars: Mapping[str, Any], hosts: Sequence[str], check: bool = False) -> dict[str, Any]:
    """The report of a rollback: reverted, unchanged and planned are good, rejected and revert_failed are not."""
    known = records(hostvars, hosts)
    verdict = outcome(known, check)
    back = [host for host in known if host.ok("reverted")]
    releases = ", ".join(sorted({str(host.answers["reverted"].get("release")) for host in back}))
    serve = "would serve" if verdict == "planned" else "serves" if len(back) == 1 else "serve"
    sentences = [f"{names(back)} {serve} {releases}." if back else ""]
    if len(back) < len(known):
        sentences += [left_to_do(host for host in known if host not in back), "Next: playbooks/status.yml, and what it says."]
    elif verdict == "unchanged":
        sentences.append("To go to an older one: -e release=ID; playbooks/status.yml names those that are kept.")
    sentences += [sentence("; ".join(not_back(known)))]
    return {
        "outcome": verdict,
        "good": len(back) == len(known),
        "release": releases,
        "message": verdict + ": " + " ".join(sentence for sentence in sentences if sentence),
    }


def outcome(known: Sequence[HostRecord], check: bool) -> str:
    failed = [host for host in known if not host.ok("reverted")]
    moved = [host for host in known if host.ok("reverted") and host.answers["reverted"].get("outcome") != "unchanged"]
    refused = [host for host in failed if host.answers.get("reverted", {}).get("outcome") == "rejected"]
    if failed:
        return "rejected" if len(refused) == len(known) else "revert_failed"
    return "unchanged" if not moved else "planned" if check else "reverted"


def returning(hostvars: Mapping[str, Any], hosts: Sequence[str]) -> list[str]:
    """Hosts that serve what they are to serve by now."""
    return [host.name for host in records(hostvars, hosts) if host.ok("reverted")]


class FilterModule:
    """Filters for playbooks; each takes `hostvars` and the names of the play's hosts."""

    def filters(self) -> dict[str, Any]:
        return {"rollback_result": result, "rollback_returning": returning}
