"""What the compiling modules tell Ansible, whatever they compile."""

from __future__ import annotations

from typing import Any

from .build import Build
from .errors import TruthInvalid


def built(made: Build, wants_diff: bool) -> dict[str, Any]:
    """The result of a module that compiled a release."""
    answer: dict[str, Any] = {
        "changed": made.changed,
        "id": made.id,
        "path": str(made.path),
        "payload": str(made.payload),
        "sites": made.sites,
        "sites_added": list(made.sites_added),
        "sites_changed": list(made.sites_changed),
        "sites_removed": list(made.sites_removed),
    }
    if wants_diff and made.diff:
        answer["diff"] = {"prepared": made.diff}
    return answer


def refused(invalid: TruthInvalid) -> dict[str, Any]:
    """All problems, one a line, before any host was contacted."""
    count = len(invalid.problems)
    headline = f"The truth has {count} problem{'' if count == 1 else 's'}; no host was contacted:"
    return {"msg": f"{headline}\n{invalid}", "problems": [problem.as_dict() for problem in invalid.problems]}
