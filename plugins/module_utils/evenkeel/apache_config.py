"""What Apache itself read: the output of its dumps, as data.

`apache2 -t -D DUMP_VHOSTS -D DUMP_CONFIG` prints both, the vhosts first, when mod_info is loaded: paths and line
numbers are those of the files, variables are filled in, and sections such as IfModule are resolved.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Optional

_ADDRESS = re.compile(r"(?P<address>\S+):(?P<port>\d+|\*)\s+(?P<rest>\S.*)")
_SINGLE = re.compile(r"(?P<name>\S*)\s*\((?P<file>.+):(?P<line>\d+)\)$")
_NAMED = re.compile(r"\s+port \S+ namevhost (?P<name>\S*)\s*\((?P<file>.+):(?P<line>\d+)\)$")
_ALIAS = re.compile(r"\s+(?P<wild>wild )?alias (?P<name>\S+)$")
_DEFAULT = re.compile(r"\s+default server (?P<name>\S*)\s*\((?P<file>.+):(?P<line>\d+)\)$")
_FILE = re.compile(r"\s*# In file: (.+)$")
_LINE = re.compile(r"\s*#\s*(\d+):$")


@dataclass(frozen=True)
class Vhost:
    """One vhost, in the order in which Apache looks for a name. `wild` holds aliases with `*` or `?`."""

    address: str
    port: str
    name: str
    file: str
    line: int
    default: bool
    aliases: tuple[str, ...] = ()
    wild: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases, *self.wild)


class Directive(NamedTuple):
    """One directive; `vhost` is the `file:line` of the VirtualHost around it. The name is in lower case.

    A tuple, because 5,000 sites have 70,000 of them.
    """

    name: str
    words: tuple[str, ...]
    file: str
    line: int
    vhost: Optional[str]

    @property
    def first(self) -> str:
        return self.words[0] if self.words else ""


@dataclass(frozen=True)
class ApacheConfig:
    """All that the dumps tell."""

    vhosts: tuple[Vhost, ...]
    directives: tuple[Directive, ...]

    def named(self, *names: str) -> list[Directive]:
        return [directive for directive in self.directives if directive.name in names]


def parse(dump: Iterable[str]) -> ApacheConfig:
    """Both dumps from the lines of one output, which are 6 MiB for 5,000 sites and need not be in memory at once."""
    lines, vhosts = iter(dump), []
    for line in lines:
        if line.startswith("# In file:"):
            lines = itertools.chain([line], lines)
            break
        vhosts.append(line)
    return ApacheConfig(tuple(parse_vhosts(vhosts)), tuple(parse_directives(lines)))


def parse_vhosts(lines: Iterable[str]) -> Iterator[Vhost]:
    """The vhosts of DUMP_VHOSTS."""
    address, port, default = "", "", ""
    pending: Optional[Vhost] = None
    for line in lines:
        alias = _ALIAS.match(line)
        if alias and pending:
            pending = _with_alias(pending, alias["name"], bool(alias["wild"]))
            continue
        if pending:
            yield pending
            pending = None
        named = _NAMED.match(line)
        top = _ADDRESS.match(line)
        if named:
            place = "%s:%s" % (named["file"], named["line"])
            is_default = place == default
            pending = Vhost(address, port, named["name"], named["file"], int(named["line"]), is_default)
        elif top:
            address, port = top["address"], top["port"]
            single = _SINGLE.match(top["rest"])
            if single:
                pending = Vhost(address, port, single["name"], single["file"], int(single["line"]), True)
        else:
            found = _DEFAULT.match(line)
            default = "%s:%s" % (found["file"], found["line"]) if found else default
    if pending:
        yield pending


def _with_alias(vhost: Vhost, name: str, wild: bool) -> Vhost:
    aliases = vhost.aliases if wild else (*vhost.aliases, name)
    patterns = (*vhost.wild, name) if wild else vhost.wild
    return Vhost(vhost.address, vhost.port, vhost.name, vhost.file, vhost.line, vhost.default, aliases, patterns)


def parse_directives(lines: Iterable[str]) -> Iterator[Directive]:
    """The directives of DUMP_CONFIG, flat; sections themselves are left out."""
    file, number = "", 0
    vhost: Optional[str] = None
    for line in lines:
        text = line.strip()
        if text.startswith("#"):
            named, numbered = _FILE.match(line), _LINE.match(line)
            file = named[1] if named else file
            number = int(numbered[1]) if numbered else number
        elif text.lower().startswith("<virtualhost"):
            vhost = "%s:%d" % (file, number)
        elif text.lower().startswith("</virtualhost"):
            vhost = None
        elif text and not text.startswith("<"):
            name, _, rest = text.partition(" ")
            yield Directive(sys.intern(name.lower()), tuple(words(rest)), file, number, vhost)


def words(text: str) -> list[str]:
    """Split arguments as Apache does: blanks separate, quotes of either kind group, a backslash escapes a quote."""
    found = []
    for match in re.finditer(r"\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'|(\S+)", text):
        quoted = match[1] if match[1] is not None else match[2]
        found.append(match[3] if quoted is None else re.sub(r"\\([\"'\\])", r"\1", quoted))
    return found
