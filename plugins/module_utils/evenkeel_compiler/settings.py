"""A site's own settings files: taken as they are, or rendered in a sandbox that can print values and nothing else."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from . import yamlfile
from .model import SettingsFile

MAX_BYTES = 1024 * 1024
MAX_LOOPS = 2  # nested ones

_PART = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_PATH = re.compile(rf"(\.well-known/)?({_PART}/)*({_PART}|\.htaccess)\Z")

# What prints; nothing that stores, defines, includes or multiplies.
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.If,
    nodes.CondExpr, nodes.For, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.Concat, nodes.Add, nodes.Sub, nodes.Neg, nodes.List, nodes.Tuple, nodes.Call,
)  # fmt: skip
_METHODS = {"items", "keys", "values"}


class SettingsRefused(Exception):
    """A settings file cannot become part of a release; `line` counts from 1, 0 means the whole file."""

    def __init__(self, line: int, allowed: str) -> None:
        super().__init__(allowed)
        self.line, self.allowed = line, allowed


@dataclass(frozen=True)
class Compiled:
    """A template that passed, and whether it reads secrets."""

    template: jinja2.Template
    reads_secrets: bool


class Renderer:
    """Renders settings of many sites; a template that several sites share is compiled once."""

    def __init__(self) -> None:
        self._environment = _environment()
        self._compiled: dict[bytes, Compiled] = {}

    def render(self, path: str, raw: bytes, facts: Mapping[str, Any], htaccess: bool) -> SettingsFile:
        """The file that `settings/<path>` becomes. `facts` are `site`, `secrets` and `pool`. Raises SettingsRefused."""
        target = path.removesuffix(".j2")
        _check_path(target, htaccess)
        if target == path:
            return _checked(SettingsFile(path, raw, secret=False))
        compiled = self._compile(raw)
        return _checked(SettingsFile(target, _output(compiled.template, facts), compiled.reads_secrets))

    def _compile(self, raw: bytes) -> Compiled:
        if raw not in self._compiled:
            try:
                source = yamlfile.decode(raw)
                tree = self._environment.parse(source)
                _check_nodes(tree)
                used = {name.name for name in tree.find_all(nodes.Name)}
                self._compiled[raw] = Compiled(self._environment.from_string(tree), "secrets" in used)
            except yamlfile.YamlRefused as error:
                raise SettingsRefused(error.line, error.allowed) from error
            except jinja2.TemplateSyntaxError as error:
                raise SettingsRefused(error.lineno, f"a valid template ({error.message})") from error
        return self._compiled[raw]


def php_quote(value: Any) -> str:
    """`value` as a PHP literal: `{{ secrets.db_password | php_quote }}` cannot end its string, whatever it holds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, jinja2.Undefined):
        return str(value)  # raises, and names what does not exist
    if not isinstance(value, str):
        raise TypeError("php_quote takes a text, a number, true or false")
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _printable(value: Any) -> Any:
    """Anything else would print its memory address, and the same truth would have another id every time."""
    if isinstance(value, (str, int, jinja2.Undefined)):
        return value
    raise TypeError("only texts, numbers, true and false can be printed")


def _join(values: Any, separator: str = "") -> str:
    if isinstance(values, str):
        raise TypeError("join takes a list")
    return separator.join(str(value) for value in values)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        finalize=_printable,
    )
    builtin = environment.filters
    kept = {name: builtin[name] for name in ("tojson", "lower", "upper", "length", "sort")}
    environment.filters = {**kept, "join": _join, "php_quote": php_quote}
    environment.globals = {}
    return environment


def _check_path(path: str, htaccess: bool) -> None:
    if not _PATH.match(path) or len(path) > 200:
        raise SettingsRefused(
            0, "names of letters, digits, _ . and - that start with none of . and - (but .well-known/ and .htaccess)"
        )
    if path.rpartition("/")[2] == ".htaccess" and not htaccess:
        raise SettingsRefused(0, "no .htaccess unless site.yml says `htaccess: true`")


def _checked(file: SettingsFile) -> SettingsFile:
    if len(file.content) > MAX_BYTES:
        raise SettingsRefused(0, f"at most {MAX_BYTES // 1024} KiB")
    # Apache sends what it has no handler for: a wp-config.phpp would publish its passwords.
    if file.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower() == b"<?php" and not file.path.endswith(".php"):
        raise SettingsRefused(0, "a name ending in .php: it holds PHP, which under any other name is sent to visitors as it is")
    return file


def _check_nodes(tree: nodes.Template) -> None:
    for node, loops in _walk(tree, 0):
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.For) and (node.recursive or loops > MAX_LOOPS)):
            raise SettingsRefused(
                node.lineno,
                f"a template that only prints: values, filters, if, for ({type(node).__name__.lower()} is not allowed)",
            )
        if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Getattr) and node.node.attr in _METHODS):
            raise SettingsRefused(node.lineno, "no calls but .items(), .keys() and .values()")


def _walk(node: nodes.Node, loops: int) -> Iterator[tuple[nodes.Node, int]]:
    loops += isinstance(node, nodes.For)
    yield node, loops
    for child in node.iter_child_nodes():
        yield from _walk(child, loops)


def _output(template: jinja2.Template, facts: Mapping[str, Any]) -> bytes:
    pieces: list[bytes] = []
    left = MAX_BYTES
    try:
        for piece in template.generate(**facts):
            pieces.append(piece.encode("utf-8"))
            left -= len(pieces[-1])
            if left < 0:
                raise SettingsRefused(0, f"at most {MAX_BYTES // 1024} KiB")
    except jinja2.UndefinedError as error:
        raise SettingsRefused(_line(error), f"names that exist ({error.message}); {_known(facts)}") from error
    except (TypeError, ValueError, KeyError, jinja2.TemplateError) as error:
        # Its text may repeat a secret, so only its kind is told.
        raise SettingsRefused(_line(error), f"a template that renders ({type(error).__name__})") from error
    return b"".join(pieces)


def _line(error: Exception) -> int:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return (frames[-1].lineno or 0) if frames else 0


def _known(facts: Mapping[str, Any]) -> str:
    """The names a template may use; never their values."""
    secrets = ", ".join(sorted(facts["secrets"])) or "none"
    own = ", ".join(sorted(facts["site"]["vars"])) or "none"
    return f"secrets: {secrets}; site.vars: {own}; site: {', '.join(sorted(facts['site']))}"
