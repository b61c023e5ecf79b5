"""What a host or a balancer answered Ansible, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Answer = Mapping[str, Any]
MAX_LINES = 3


def problem(answer: Answer) -> str:
    """What is wrong with an answer, in one line; empty when it is a good one."""
    if answer.get("unreachable"):
        return "could not be reached (" + line(str(answer.get("msg") or "no answer").rpartition("ssh: ")[2]) + ")"
    if answer.get("failed"):
        return line(answer.get("message") or answer.get("msg") or "failed without a word; run again with -v")
    return ""


def line(text: Any) -> str:
    """`text` in one line; the last line of the output names the first few mistakes, the lines above it all of them."""
    lines = [" ".join(one.split()) for one in str(text).splitlines() if one.strip()]
    more = [f"and {len(lines) - MAX_LINES} more, named above"] if len(lines) > MAX_LINES else []
    shown = lines[:MAX_LINES] + more
    return " ".join(one if one[-1] in ".:!?;," else one + ";" for one in shown).rstrip(";")
