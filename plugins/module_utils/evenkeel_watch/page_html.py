"""Turns a page into HTML: one file that needs nothing else. Whatever text comes in goes out as text."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from .page_model import Page


class Printer:
    """The templates, read once for all pages."""

    def __init__(self) -> None:
        loader = PackageLoader(str(__package__))  # a folder on the controller, part of a program on hosts
        self._template = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("page.html.j2")

    def html(self, page: Page) -> bytes:
        return (self._template.render(page=page) + "\n").encode()
