"""Why an answer was wrong: what the error logs say about the site that gave it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Optional

from .manifest import Manifest
from .spelling import spell
from .verdict import Failure

_SHOWN = 2
_SAID_BY_OTHERS = ("site", "release")  # another vhost answered, so the site's own lines explain nothing
_LENGTH = 400
_LIMIT = 4 << 20
_QUIET = re.compile(r":(?:notice|info|debug|trace\d)\]")
_HEAD = re.compile(r"^(?:\[[^\]]*\]\s*)+")
_FPM_HEAD = re.compile(r"^(?:\[[^\]]*\] )?(?:WARNING|ERROR|NOTICE): \[pool [^\]]*\] (?:child \d+ said into std\w+: )?")
_BRACKETS = re.compile(r"\[([^\]\s]+)\]")
_FPM_POOL = re.compile(r"\[pool ([a-z][a-z0-9-]*)\]")
_GOT_ERROR = re.compile(r"AH01071: Got error '(?P<words>.*?)'?(?:, referer .*)?$")
_PROBE = re.compile(r", probe (?P<path>/\S*)$")  # ErrorLogFormat puts the header PROBE_HEADER there
_RANKS = (  # the first rank that has a line is told
    re.compile(r"(?:Fatal|Parse) error|Uncaught|DocumentRoot .* does not exist|:(?:crit|alert|emerg)\]"),
    re.compile(r"AH\d{5}|ERROR|Primary script unknown"),
    re.compile(r""),
)


@dataclass(frozen=True)
class Line:
    """One tidy log line. `path` is that of the probe which caused it; None where the log does not tell."""

    text: str
    path: Optional[str] = None


def explain(failures: Iterable[Failure], told: Mapping[str, Sequence[Line]]) -> list[Failure]:
    """The failures with what `told` (lines by site) says about them."""
    return [_explained(failure, told) for failure in failures]


def by_site(lines: Iterable[str], manifest: Manifest, remarks: Iterable[tuple[str, str]] = ()) -> Mapping[str, Sequence[Line]]:
    """The lines that concern each site, each once; `remarks` are tidy already."""
    owners = {name.lower(): site for site, facts in manifest.sites.items() for name in _names(facts)}
    found: dict[str, dict[Line, None]] = {}
    for site, text in remarks:
        found.setdefault(site, {})[Line(text)] = None
    for line in lines:
        owner = _site(line, owners, manifest)
        if owner is not None and not _QUIET.search(line):
            asked = _PROBE.search(line)
            found.setdefault(owner, {})[Line(tidy(line), asked["path"] if asked else None)] = None
    return {site: list(said) for site, said in found.items()}


def _explained(failure: Failure, told: Mapping[str, Sequence[Line]]) -> Failure:
    """With the lines of its own probe; what another probe caused, such as a denial by design, explains nothing here."""
    if failure.cause or failure.site not in told or failure.guard in _SAID_BY_OTHERS:
        return failure
    own = "/" + (failure.url or "").partition("/")[2]
    lines = told[failure.site or ""]
    return replace(failure, cause=_best([[line.text for line in lines if line.path == path] for path in (own, None)]))


def tidy(line: str) -> str:
    """One log line without what only machines read: `PHP Fatal error: ... in settings/blog/wp-config.php on line 3`."""
    text = _FPM_HEAD.sub("", _PROBE.sub("", line.strip()))
    text = _HEAD.sub("", text)
    error = _GOT_ERROR.search(text)
    text = (error["words"] if error else text).strip('"')
    text = _worst(re.sub(r"^(?:NOTICE: )?PHP message: ", "", text).split("; PHP message: "))
    text = re.split(r"\\n(?:Stack trace|#0)", text)[0].replace("\\n", " ")
    text = re.sub(r" \(include_path='[^']*'\)", "", text)
    return spell(re.sub(r"  +", " ", text))[:_LENGTH]


def _worst(messages: Sequence[str]) -> str:
    """PHP says several things in one line: the warning that a file is missing, then the error that ends the page."""
    return next((message for message in messages if _RANKS[0].search(message)), messages[0])


def _names(facts: Mapping[str, object]) -> list[str]:
    aliases = facts.get("aliases")
    return [str(facts["server_name"]), *(str(name) for name in (aliases if isinstance(aliases, (list, tuple)) else ()))]


def _site(line: str, owners: Mapping[str, str], manifest: Manifest) -> Optional[str]:
    pool = _FPM_POOL.search(line)
    if pool:
        return pool[1] if pool[1] in manifest.sites else None
    return next((owners[word.lower()] for word in _BRACKETS.findall(line[:400]) if word.lower() in owners), None)


def _best(groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The most telling lines; of two that tell as much, those of an earlier group."""
    for rank in _RANKS:
        for lines in groups:
            fitting = [line for line in lines if rank.search(line)]
            if fitting:
                return tuple(fitting[:_SHOWN])
    return ()


def size_of(path: str) -> int:
    """Where a log ends now; 0 when it is not there."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def read_tail(path: str, offset: int = 0) -> list[str]:
    """The lines of a log from `offset` on, the last few megabytes of them at most."""
    try:
        with open(path, "rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(offset, size - _LIMIT) if size >= offset else 0)
            return stream.read(_LIMIT).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
