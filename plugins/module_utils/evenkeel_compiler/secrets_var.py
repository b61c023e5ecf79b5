"""The variable `evenkeel_secrets`: texts by site and name, as Ansible decrypted them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .errors import Problem, dotted

VARIABLE = "evenkeel_secrets"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")


def of(secrets: Any, site: str) -> dict[str, str]:
    """One site's secrets; other sites' never come along."""
    own = secrets.get(site) if isinstance(secrets, dict) else None
    return {name: value for name, value in own.items() if isinstance(value, str)} if isinstance(own, dict) else {}


def problems(secrets: Any, sites: set[str]) -> Iterator[Problem]:
    """What is wrong with the variable; values are never told."""
    if not isinstance(secrets, dict):
        yield _problem((), "a mapping of sites, each a mapping of names and texts")
        return
    for site, own in secrets.items():
        if site not in sites:
            yield _problem((str(site),), "the folder name of a site; there is none of this name")
        if not isinstance(own, dict):
            yield _problem((str(site),), "a mapping of names and texts")
            continue
        for name, value in own.items():
            if not _NAME.match(str(name)):
                yield _problem((str(site), str(name)), "a name: a lower-case letter, then lower-case letters, digits and _")
            if not isinstance(value, str) or "\x00" in value:
                yield _problem((str(site), str(name)), "a text (quote it)")


def _problem(path: tuple[str, ...], allowed: str) -> Problem:
    return Problem(VARIABLE, 0, dotted(path), "", allowed)
