"""Decides who the content origin is, and who copies from it. Pure: groups and variables in, plain data out."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

DOCUMENTATION = r"""
name: content
short_description: Decides who the content origin is, and who copies from it
description:
  - C(content_members) lists the hosts that have the files of a pool, its backups included.
  - C(content_address) is where the others reach a host, out of its variables.
  - C(content_origin) settles who is copied, out of what is wanted and what the hosts know; a host that was away may know less.
author: The Evenkeel contributors (@evenkeel)
"""

Groups = Mapping[str, Sequence[str]]


def members(groups: Groups, pool: str) -> list[str]:
    """Hosts of the pool, then of its backups."""
    return list(dict.fromkeys([*groups.get(pool, ()), *groups.get(f"{pool}_backup", ())]))


def origin(answers: Iterable[Mapping[str, Any]], wanted: str, known_members: Sequence[str], makes_new: bool) -> dict[str, Any]:
    """`{origin, epoch, before, error}`. `answers` are what reading each host's content.json gave (registered by `slurp`).

    Only the playbook for it makes another host the origin: an inventory that was not changed then must not undo it.
    """
    known = [document for answer in answers if (document := _document(answer))]
    last = max(known, key=lambda each: each["epoch"], default=None)
    settled = {"origin": wanted, "epoch": last["epoch"] if last else 1, "before": last["origin"] if last else "", "error": ""}
    if wanted not in known_members:
        return {**settled, "error": f"{wanted} is no host of the pool; the origin is one of {', '.join(known_members)}."}
    if last is None or last["origin"] == wanted:
        return settled
    if makes_new:
        return {**settled, "epoch": last["epoch"] + 1}
    return {**settled, "error": _conflict(wanted, last["origin"])}


def address(known: Mapping[str, Any], host: str) -> str:
    """Where other hosts reach this one; `evenkeel_address` where Ansible takes another way."""
    return str(known.get("evenkeel_address") or known.get("ansible_host") or host)


def _document(answer: Mapping[str, Any]) -> dict[str, Any]:
    try:
        document = json.loads(base64.b64decode(answer["content"]))
        return {"origin": str(document["origin"]), "epoch": int(document["epoch"])}
    except (KeyError, ValueError, TypeError):
        return {}


def _conflict(wanted: str, actual: str) -> str:
    return (
        f"The inventory names {wanted} as the content origin, but the hosts copy from {actual}, which was made the origin later. "
        f"Write evenkeel_content_origin: {actual} into the inventory, or make {wanted} the origin again: "
        f"ansible-playbook playbooks/content_origin.yml -e origin={wanted}"
    )


class FilterModule:
    """Filters for playbooks."""

    def filters(self) -> dict[str, Any]:
        return {"content_members": members, "content_origin": origin, "content_address": address}
