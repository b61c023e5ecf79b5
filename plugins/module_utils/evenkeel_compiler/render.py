"""Renders the roles' templates with plain Jinja2: undefined names are fatal, values are quoted by filters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError

from .quoting import FILTERS, UnsafeValue

TARGET = "etc/evenkeel/current/"  # templates mirror the path at which the host reads their output


class RenderFailed(Exception):
    """A template did not come out. Says which one, for whom, and why."""

    def __init__(self, template: str, subject: str, cause: Exception) -> None:
        super().__init__(f"{template} for {subject}: {type(cause).__name__}: {cause}")


def environment(template_dirs: Sequence[Path]) -> Environment:
    """The one environment of a compilation; it compiles every template once."""
    loader = FileSystemLoader([str(folder) for folder in template_dirs])
    jinja = Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=False,  # configuration files, not pages: quoting.py is what guards them
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=-1,
        auto_reload=False,
    )
    jinja.filters.update(FILTERS)
    return jinja


class Renderer:
    """Turns the name of a template and its values into the bytes of a file."""

    def __init__(self, template_dirs: Sequence[Path]) -> None:
        self._jinja = environment(template_dirs)
        self._templates: dict[str, Template] = {}

    def render(self, name: str, subject: str, **values: Any) -> bytes:
        """`name` is relative to TARGET, without `.j2`; `subject` is named when it fails."""
        try:
            return self._template(name).render(values).encode("ascii")
        except (TemplateError, UnsafeValue, UnicodeEncodeError) as cause:
            raise RenderFailed(name, subject, cause) from cause

    def _template(self, name: str) -> Template:
        if name not in self._templates:
            self._templates[name] = self._jinja.get_template(f"{TARGET}{name}.j2")
        return self._templates[name]
