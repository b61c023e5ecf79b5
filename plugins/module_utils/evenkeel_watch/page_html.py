"""Turns a page into HTML: one file that needs nothing else. Whatever text comes in goes out as text."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .page_model import Page


class Printer:
    """The templates, read once for all pages."""

    def __init__(self) -> None:
        loader = FileSystemLoader(Path(__file__).parent / "templates")
        self._template = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("page.html.j2")

    def html(self, page: Page) -> bytes:
        return (self._template.render(page=page) + "\n").encode()
