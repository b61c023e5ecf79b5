"""Pages for people: one file each, no script, nothing from elsewhere. Whatever a value holds, it stays text."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from . import moment


@cache
def templates() -> PackageLoader:
    """Of this package, which is a folder on the controller and part of a program on hosts."""
    return PackageLoader(str(__package__))


@cache
def style() -> str:
    """The one stylesheet of all pages."""
    return templates().get_source(Environment(), "style.css")[0].strip()


@cache
def policy() -> str:
    """A browser runs nothing and fetches nothing for a page, and takes no style but ours, whatever got into it."""
    digest = base64.b64encode(hashlib.sha256(("\n" + style() + "\n").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def environment() -> Environment:
    """Templates of this package; those who add pages extend `base.html.j2`."""
    made = Environment(loader=templates(), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(day=moment.day_text, clock=moment.clock_text, span=moment.span_text, count=grouped, counted=counted)
    made.globals.update(style=Markup(style()), policy=policy())  # a file of ours
    return made


def render(template: str, **values: Any) -> str:
    return environment().get_template(template).render(**values)


def grouped(number: int) -> str:
    """`12,345`."""
    return f"{number:,}"


def counted(number: int, word: str, words: str = "") -> str:
    """`1 site`, `1,000 sites`; `words` is the plural where an s does not make it."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"
