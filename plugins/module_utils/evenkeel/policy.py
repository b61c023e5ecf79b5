"""Directives that Apache takes without a word and that visitors or secrets pay for. Pure: what Apache read in, failures out.

Thresholds are far from what anybody sets on purpose: browsers send cookies of 4 KiB and addresses of 2 KiB, a visitor on
a train needs seconds to send a form, and a server of a hosting company has more than a handful of workers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable, Optional

from .apache_config import ApacheConfig, Directive
from .manifest import Manifest
from .spelling import site_of, spell
from .verdict import Failure

GUARD = "policy"
_LEAST = {
    "limitrequestfieldsize": (4094, "cookies are longer than that"),
    "limitrequestline": (2048, "addresses with a query are longer than that"),
    "limitrequestfields": (30, "browsers and balancers send as many headers"),
    "maxrequestworkers": (16, "a few idle visitors would hold all of them"),
    "maxclients": (16, "a few idle visitors would hold all of them"),
    "maxconnectionsperchild": (100, "processes would end faster than they start"),
    "maxrequestsperchild": (100, "processes would end faster than they start"),
    "timeout": (5, "slow pages and slow visitors need longer"),
}
_UNLIMITED = ("limitrequestfields", "maxconnectionsperchild", "maxrequestsperchild", "limitrequestline", "limitrequestfieldsize")
_MUST_BE_OFF = {
    "traceenable": "TRACE echoes cookies to scripts",
    "proxyrequests": "anybody could use this host as a proxy",
    "hostnamelookups": "every visitor would wait for a name server",
}
_MUST_BE_ON = {"keepalive": "every picture would need a connection of its own"}
_READ_S = 5  # the least that a visitor on a bad line gets to send a request
_OLD_TLS = ("sslv3", "tlsv1", "tlsv1.1")
_SECTION = re.compile(r"(?P<part>header|body|handshake)=(?P<seconds>\d+)")

Check = Callable[[Directive], Optional[str]]


def check_policy(config: ApacheConfig, manifest: Manifest) -> list[Failure]:
    """Every directive that no fleet wants, with its file and line; the last word of a file counts, as in Apache."""
    found = [_failure(directive, manifest, why) for directive, why in _told(config)]
    return found + list(_tls_switched_off(config, manifest))


def _told(config: ApacheConfig) -> Iterator[tuple[Directive, str]]:
    for directive in _last(config):
        for check in (_too_small, _must_be_off, _must_be_on, _read_time, _old_tls):
            why = check(directive)
            if why is not None:
                yield directive, why


def _last(config: ApacheConfig) -> list[Directive]:
    """A server-wide directive that is said twice is decided by the last one; vhosts have their own."""
    kept = {(directive.name, directive.vhost): directive for directive in config.directives}
    return list(kept.values())


def _too_small(directive: Directive) -> Optional[str]:
    least = _LEAST.get(directive.name)
    if least is None or not directive.first.isdigit():
        return None
    value = int(directive.first)
    fine = value >= least[0] or (value == 0 and directive.name in _UNLIMITED)
    return None if fine else "%s is too small, %s (at least %d)" % (directive.first, least[1], least[0])


def _must_be_off(directive: Directive) -> Optional[str]:
    why = _MUST_BE_OFF.get(directive.name)
    return why if why is not None and directive.first.lower() != "off" else None


def _must_be_on(directive: Directive) -> Optional[str]:
    why = _MUST_BE_ON.get(directive.name)
    return why if why is not None and directive.first.lower() == "off" else None


def _read_time(directive: Directive) -> Optional[str]:
    if directive.name != "requestreadtimeout":
        return None
    short = [m[0] for m in _SECTION.finditer(" ".join(directive.words)) if 0 < int(m["seconds"]) < _READ_S]
    return "%s cuts off visitors on slow lines (at least %d s)" % (" ".join(short), _READ_S) if short else None


def _old_tls(directive: Directive) -> Optional[str]:
    if directive.name != "sslprotocol":
        return None
    offered: set[str] = set()
    for word in (word.lower() for word in directive.words):
        name = word.lstrip("+-")
        names = {"tlsv1", "tlsv1.1"} if name == "all" else {name}
        offered = offered - names if word.startswith("-") else offered | names if word.startswith("+") else names
    old = [name for name in _OLD_TLS if name in offered]
    return "offers %s, which no browser of today uses" % " and ".join(old) if old else None


def _tls_switched_off(config: ApacheConfig, manifest: Manifest) -> Iterator[Failure]:
    """A vhost with a certificate and without TLS speaks plain text on a port where browsers speak TLS."""
    on = {directive.vhost for directive in config.named("sslengine") if directive.first.lower() in ("on", "optional")}
    for directive in config.named("sslcertificatefile"):
        if directive.vhost not in on and None not in on:
            yield _failure(directive, manifest, "a certificate, but SSLEngine is not on")


def _failure(directive: Directive, manifest: Manifest, why: str) -> Failure:
    where = "%s:%d" % (spell(directive.file), directive.line)
    text = " ".join((directive.name, *(spell(word) for word in directive.words)))
    return Failure(site_of(manifest, directive.file), GUARD, "%s: %s: %s" % (where, text[:120], why))
