"""What the compiling modules tell Ansible, whatever they compile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .build import Build, Order, build, template_dirs, use_schemas
from .errors import TruthInvalid
from .render import RenderFailed
from .truth import pool_from

FAILURES = (TruthInvalid, RenderFailed, OSError)


def compiled(project: Path, wanted: Mapping[str, Any], dry: bool, wants_diff: bool) -> dict[str, Any]:
    """The result of `release_compile`; `wanted` are its parameters, `project` is the checkout."""
    try:
        return built(build(order(project, wanted), dry), wants_diff)
    except FAILURES as error:
        return {"failed": True, **failure(error)}


def order(project: Path, wanted: Mapping[str, Any]) -> Order:
    """The parameters as the compiler takes them; TruthInvalid when the pool's settings are wrong."""
    folders = [Path(folder) for folder in wanted["template_dirs"] or ()]
    use_schemas(project)
    return Order(
        project=project,
        environment=wanted["environment"],
        pool=pool_from(wanted["settings"], wanted["pool"]),
        sites_dir=Path(wanted["sites_dir"]).absolute(),
        build_dir=Path(wanted["build_dir"]).absolute(),
        template_dirs=folders or template_dirs(project),
        secrets=wanted["secrets"],
    )


def built(made: Build, wants_diff: bool) -> dict[str, Any]:
    """The result of a module that compiled a release."""
    answer: dict[str, Any] = {
        "changed": made.changed,
        "id": made.id,
        "path": str(made.path),
        "payload": str(made.payload),
        "sites": made.sites,
        "php_versions": list(made.php_versions),
        "sites_added": list(made.sites_added),
        "sites_changed": list(made.sites_changed),
        "sites_removed": list(made.sites_removed),
    }
    if wants_diff and made.diff:
        answer["diff"] = {"prepared": made.diff}
    return answer


def failure(error: Exception) -> dict[str, Any]:
    """What a module says of one of FAILURES, before any host was contacted."""
    if isinstance(error, TruthInvalid):
        return refused(error)
    if isinstance(error, OSError) and error.strerror:  # of the controller's own files, and nobody's mistake in the truth
        return {"msg": f"no host was contacted: {error.filename or 'the controller'}: {error.strerror}", "problems": []}
    return {"msg": str(error), "problems": []}


def refused(invalid: TruthInvalid) -> dict[str, Any]:
    """All problems, one a line, before any host was contacted."""
    count = len(invalid.problems)
    headline = f"The truth has {count} problem{'' if count == 1 else 's'}; no host was contacted:"
    return {"msg": f"{headline}\n{invalid}", "problems": [problem.as_dict() for problem in invalid.problems]}
