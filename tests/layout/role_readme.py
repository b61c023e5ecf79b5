"""README.md of a role, from its argument spec: `python -m tests.layout.role_readme` writes all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from .project import ROLES, spec


def render(role: Path) -> str:
    """What a reader wants to know before using the role: purpose, variables, entry points."""
    entries = spec(role)
    main = entries["main"]
    lines = [f"# {role.name}", "", main["short_description"] + ".", "", *sentences(main["description"])]
    lines += ["", "| variable | type | default | effect |", "|---|---|---|---|"]
    lines += [row(name, option) for name, option in main["options"].items()]
    more = [name for name in entries if name != "main"]
    if more:
        lines += ["", "Further entry points (`tasks_from`): " + ", ".join(f"`{name}`" for name in more) + "."]
    lines += ["", "Made from `meta/argument_specs.yml` by `python -m tests.layout.role_readme`."]
    return "\n".join(lines) + "\n"


def sentences(description: list[str]) -> list[str]:
    return [plain(line) for line in description]


def row(name: str, option: dict[str, Any]) -> str:
    kind = f"{option['type']} of {option['elements']}" if "elements" in option else option["type"]
    return f"| `{name}` | {kind} | {default(option)} | {plain(option['description'])} |"


def default(option: dict[str, Any]) -> str:
    if option.get("required"):
        return "required"
    return "`" + yaml.safe_dump(option["default"], default_flow_style=True).split("\n")[0] + "`"


def plain(text: str) -> str:
    """Ansible's markup as Markdown code."""
    for mark in "COMV":
        while f"{mark}(" in text:
            before, _, rest = text.partition(f"{mark}(")
            inner, _, after = rest.partition(")")
            text = f"{before}`{inner}`{after}"
    return text


if __name__ == "__main__":
    for folder in ROLES:
        (folder / "README.md").write_text(render(folder), encoding="utf-8")
