"""Renders the roles' templates with plain Jinja2: undefined names are fatal, values are quoted by filters."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError

from .quoting import FILTERS, UnsafeValue

TARGET = "etc/evenkeel/current/"  # templates mirror the path at which the host reads their output


class RenderFailed(Exception):
    """A template did not come out. Says which one, for whom, and why."""

    def __init__(self, template: str, subject: str, cause: Exception) -> None:
        super().__init__(f"{template} for {subject}: {type(cause).__name__}: {cause}")


class _Environment(Environment):
    """Looks each template up once. Jinja2 does it, with a map of globals of its own, for every macro of every site."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._found: dict[str, Template] = {}

    def get_template(self, name: Any, parent: str | None = None, globals: MutableMapping[str, Any] | None = None) -> Template:
        if name not in self._found:
            self._found[name] = super().get_template(name, parent, globals)
        return self._found[name]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return self.globals


def environment(template_dirs: Sequence[Path]) -> Environment:
    """The one environment of a compilation; it compiles every template once."""
    loader = FileSystemLoader([str(folder) for folder in template_dirs])
    jinja = _Environment(
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

    def render(self, name: str, subject: str, **values: Any) -> bytes:
        """`name` is relative to TARGET, without `.j2`; `subject` is named when it fails."""
        try:
            return self._jinja.get_template(f"{TARGET}{name}.j2").render(values).encode("ascii")
        except (TemplateError, UnsafeValue, UnicodeEncodeError) as cause:
            raise RenderFailed(name, subject, cause) from cause
