"""A site.yml as it was read: its values, and for messages the line of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from . import yamlfile
from .errors import NoValue, Path, Problem, dotted, shown


@dataclass(eq=False)
class SiteFile:
    """`values` is what the file says, with the schema's defaults once it was checked; `given` names its own fields."""

    name: str
    source: str
    raw: bytes
    values: dict[str, Any]
    given: frozenset[str]
    secrets: dict[str, str] = field(default_factory=dict)
    valid: bool = False

    @cached_property
    def _lines(self) -> dict[Path, int]:
        # Only a file with a problem is read a second time for its lines.
        return yamlfile.lines(self.raw)

    def line(self, path: Path) -> int:
        """The line of a field, or of what surrounds it where it is not written down."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def problem(self, path: Path, value: Any, allowed: str) -> Problem:
        """What is wrong with one field."""
        return Problem(self.source, self.line(path), dotted(path), shown(path, value, self.secrets.values()), allowed)

    @property
    def is_served(self) -> bool:
        """Whether the site takes its names; an absent one leaves them to others."""
        return self.values.get("state") != "absent"


def read(name: str, source: str, raw: bytes, secrets: dict[str, str]) -> SiteFile:
    """Raises Problem's carrier, `yamlfile.YamlRefused`, where `raw` is no acceptable YAML."""
    values = yamlfile.parse(raw)
    return SiteFile(name, source, raw, values, frozenset(values), secrets)


def refused(source: str, refusal: yamlfile.YamlRefused) -> Problem:
    """A YAML refusal as a problem."""
    return Problem(source, refusal.line, dotted(refusal.path), shown((), NoValue()), refusal.allowed)


def names(file: SiteFile) -> Iterable[tuple[Path, str]]:
    """Server name and aliases with their fields, also of a file that is not valid."""
    if isinstance(file.values.get("server_name"), str):
        yield ("server_name",), file.values["server_name"]
    aliases = file.values.get("aliases")
    for number, alias in enumerate(aliases if isinstance(aliases, list) else []):
        if isinstance(alias, str):
            yield ("aliases", str(number)), alias
