"""Why an answer was wrong: what the error logs say about the site that gave it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Optional

from .manifest import Manifest
from .spelling import spell
from .verdict import Failure

_SHOWN = 2
_LENGTH = 400
_LIMIT = 4 << 20
_QUIET = re.compile(r":(?:notice|info|debug|trace\d)\]")
_APACHE_HEAD = re.compile(r"^(?:\[[^\]]*\] )*(?:\S+: )??(?=AH\d{5}: )")
_BRACKETS = re.compile(r"\[([^\]\s]+)\]")
_FPM_POOL = re.compile(r"\[pool ([a-z][a-z0-9-]*)\]")
_GOT_ERROR = re.compile(r"AH01071: Got error '(?P<words>.*?)'?(?:, referer .*)?$")
_IMPORTANT = re.compile(r"Fatal error|Parse error|Uncaught|Primary script|AH0\d+|\[[a-z_]*:(?:crit|alert|emerg)\]")


def explain(failures: Iterable[Failure], logs: Sequence[str], manifest: Manifest) -> list[Failure]:
    """The failures with what the lines of `logs` tell about their sites."""
    told = by_site(logs, manifest)
    return [replace(failure, cause=failure.cause or told.get(failure.site or "", ())) for failure in failures]


def by_site(lines: Iterable[str], manifest: Manifest) -> Mapping[str, tuple[str, ...]]:
    """The most telling lines of each site, each once."""
    owners = {name.lower(): site for site, facts in manifest.sites.items() for name in _names(facts)}
    found: dict[str, dict[str, None]] = {}
    for line in lines:
        site = _site(line, owners, manifest)
        if site is not None and not _QUIET.search(line):
            found.setdefault(site, {})[tidy(line)] = None
    return {site: _best(list(said)) for site, said in found.items()}


def tidy(line: str) -> str:
    """One log line without what only machines read: `PHP Fatal error: ... in settings/blog/wp-config.php on line 3`."""
    text = _APACHE_HEAD.sub("", line.strip())
    error = _GOT_ERROR.search(text)
    if error:
        text = re.sub(r"; PHP message: .*", "", error["words"].replace("PHP message: ", "", 1))
    text = re.split(r"\\n(?:Stack trace|#0)", text)[0].replace("\\n", " ")
    return spell(re.sub(r"  +", " ", text))[:_LENGTH]


def _names(facts: Mapping[str, object]) -> list[str]:
    aliases = facts.get("aliases")
    return [str(facts["server_name"]), *(str(name) for name in (aliases if isinstance(aliases, (list, tuple)) else ()))]


def _site(line: str, owners: Mapping[str, str], manifest: Manifest) -> Optional[str]:
    pool = _FPM_POOL.search(line)
    if pool:
        return pool[1] if pool[1] in manifest.sites else None
    return next((owners[word.lower()] for word in _BRACKETS.findall(line[:400]) if word.lower() in owners), None)


def _best(lines: list[str]) -> tuple[str, ...]:
    important = [line for line in lines if _IMPORTANT.search(line)]
    return tuple((important or lines)[:_SHOWN])


def read_tail(path: str, offset: int = 0) -> list[str]:
    """The lines of a log from `offset` on, the last few megabytes of them at most."""
    try:
        with open(path, "rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(offset, size - _LIMIT) if size >= offset else 0)
            return stream.read(_LIMIT).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
