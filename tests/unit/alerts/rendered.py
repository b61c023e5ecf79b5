"""Rules and Alertmanager's file as the role writes them: its templates with its defaults, no host needed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml
from ansible.plugins.filter import core

from plugins.filter import receivers

from .tools import ROOT

ROLE = ROOT / "roles" / "monitoring"
RULES = ROLE / "templates" / "etc" / "prometheus" / "rules"


def render(template: str, **variables: Any) -> str:
    """A template of the role with `[[ ]]` as marks; a name that is not there is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROLE / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    environment.filters.update(core.FilterModule().filters() | receivers.FilterModule().filters())
    return environment.get_template(template).render({**defaults(), "monitoring_environment": "acme", **variables})


@cache
def defaults() -> dict[str, Any]:
    return dict(yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()))


def alertmanager(folder: Path, **told: list[dict[str, Any]]) -> Path:
    """Alertmanager's file and what it reads, below `folder`, where it would find them on a host."""
    named = {name: told.get(name, []) for name in ("monitoring_pages_to", "monitoring_tickets_to", "monitoring_watchdog_to")}
    file = render("etc/prometheus/alertmanager.yml.j2", __monitoring_receivers=receivers.configs(named))
    for secret in receivers.secrets(named):
        (folder / secret["name"]).write_text(secret["content"])
    (folder / "evenkeel.tmpl").write_text(render("etc/prometheus/alertmanager_templates/evenkeel.tmpl.j2"))
    path = folder / "alertmanager.yml"
    path.write_text(file.replace("/etc/prometheus/alertmanager_templates", str(folder)).replace(receivers.SECRETS, str(folder)))
    return path


def rules(folder: Path) -> list[Path]:
    """Every rule file as the second monitoring host has it, rendered into `folder`."""
    written = []
    for source in sorted(RULES.glob("*.j2")):
        target = folder / source.stem
        target.write_text(render(f"etc/prometheus/rules/{source.name}", monitoring_first="mon1"))
        written.append(target)
    return written


def alerts(folder: Path) -> dict[str, dict[str, Any]]:
    """Every alert by its name."""
    groups = [group for path in rules(folder) for group in yaml.safe_load(path.read_text())["groups"]]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}
