"""The last defence between a value and a configuration file: what cannot be inside a quoted directive raises.

The schema refuses such values long before; these filters make sure that a gap there stays a failed compile.
"""

from __future__ import annotations

import re

_PRINTABLE = re.compile(r"[ -~]*\Z")
_FPM = re.compile(r"[A-Za-z0-9_./:+@,-]+\Z")
_HTPASSWD = re.compile(r"[A-Za-z0-9_./$@=,-]+\Z")
_PATH = re.compile(r"/[A-Za-z0-9_./~-]*\Z")
_NETWORK = re.compile(r"[0-9a-f.:]+(/[0-9]+)?\Z")
_MAP_VALUE = re.compile(r"[A-Za-z0-9_=-][A-Za-z0-9_=; -]*\Z")
_PAGE_WORDS = re.compile(r"[^A-Za-z0-9 .,:;!?()/_-]")


class UnsafeValue(ValueError):
    """A value that could end its directive and begin another one."""

    def __init__(self, value: object, where: str) -> None:
        super().__init__(f"{str(value)[:60]!r} cannot stand in {where}")


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    """str() is what makes Jinja's undefined values name themselves."""
    return pattern.match(str(value)) is not None


def apache_quote(value: str) -> str:
    """`value` as one quoted argument. `${` would be replaced by httpd, control characters end lines or strings."""
    if not _fits(_PRINTABLE, value) or "${" in value:
        raise UnsafeValue(value, "a quoted Apache directive")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def apache_header(value: str) -> str:
    """The value of a Header directive, in which `%` and a leading `expr=` have a meaning of their own."""
    if value.lower().startswith("expr="):
        raise UnsafeValue(value, "a Header directive")
    return apache_quote(value.replace("%", "%%"))


def apache_path(value: str) -> str:
    """A local path for ErrorDocument, which reads expressions and URLs as well."""
    if not _fits(_PATH, value) or value.startswith("//"):
        raise UnsafeValue(value, "a path")
    return apache_quote(value)


def apache_regex(pattern: str) -> str:
    """A pattern made by `literal`, quoted. httpd keeps a single backslash before any other character."""
    if not _fits(_PRINTABLE, pattern) or '"' in pattern or "\\\\" in pattern or "${" in pattern:
        raise UnsafeValue(pattern, "an Apache pattern")
    return f'"{pattern}"'


def literal(path: str) -> str:
    """A PCRE that fits `path` and nothing else."""
    return re.sub(r"([^A-Za-z0-9_/~@=,;:-])", r"\\\1", path)


def apache_substitution(target: str | None) -> str:
    """The target of a RedirectMatch as one more argument; its one reference is a `$1` at the very end."""
    if target is None:
        return ""
    if "$" in target.removesuffix("$1") or "\\" in target:
        raise UnsafeValue(target, "the target of a redirect")
    return f" {apache_quote(target)}"


def apache_ipmatch(network: str) -> str:
    """The expression `the connection comes from this address or network`."""
    if not _fits(_NETWORK, network):
        raise UnsafeValue(network, "an expression")
    return f"%{{CONN_REMOTE_ADDR}} -ipmatch '{network}'"


def map_value(value: str) -> str:
    """The rest of a line of one of HAProxy's maps."""
    if not _fits(_MAP_VALUE, value):
        raise UnsafeValue(value, "a map")
    return value


def network(value: str) -> str:
    """An address or network as a bare word."""
    if not _fits(_NETWORK, value):
        raise UnsafeValue(value, "a list of networks")
    return value


def error_text(heading_and_text: tuple[str, str]) -> str:
    """A small page as one ErrorDocument argument; whatever is not a plain word becomes a character reference."""
    heading, text = (_PAGE_WORDS.sub(_reference, part) for part in heading_and_text)
    page = f"<!DOCTYPE html><html lang=en><title>{heading}</title><h1>{heading}</h1><p>{text}</p></html>"
    return apache_quote(page)


def fpm_value(value: str) -> str:
    """A name or value of a PHP-FPM file: nothing that could quote, comment, expand or end a line."""
    if not _fits(_FPM, value):
        raise UnsafeValue(value, "a PHP-FPM file")
    return value


def htpasswd(value: str) -> str:
    """A user name or password hash; a colon or a newline would add a user."""
    if not _fits(_HTPASSWD, value):
        raise UnsafeValue("(hidden)", "a password file")
    return value


def word(value: str) -> str:
    """A bare word inside a larger one, or in sysusers.d and tmpfiles.d, where blanks separate and `%` expands."""
    if not _fits(_FPM, value):
        raise UnsafeValue(value, "a bare word")
    return value


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"


FILTERS = {
    function.__name__: function
    for function in (
        apache_quote,
        apache_header,
        apache_path,
        apache_regex,
        apache_substitution,
        apache_ipmatch,
        error_text,
        map_value,
        network,
        fpm_value,
        htpasswd,
        word,
    )
}
