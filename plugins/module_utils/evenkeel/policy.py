"""Directives that Apache takes without a word and that visitors or secrets pay for. Pure: what Apache read in, failures out.

Thresholds are far from what anybody sets on purpose: browsers send cookies of 4 KiB and addresses of 2 KiB, a visitor on
a train needs seconds to send a form, and a server of a hosting company has more than a handful of workers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Callable, Optional

from . import aliases, passwords, root_folder
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
    "listenbacklog": (16, "visitors who come at once would be refused"),
    "maxkeepaliverequests": (10, "a page with its pictures would need many connections"),
}
_UNLIMITED = (
    "limitrequestfields",
    "maxconnectionsperchild",
    "maxrequestsperchild",
    "limitrequestline",
    "limitrequestfieldsize",
    "maxkeepaliverequests",
)
_MUST_BE_OFF = {
    "traceenable": "TRACE echoes cookies to scripts",
    "proxyrequests": "anybody could use this host as a proxy",
    "hostnamelookups": "every visitor would wait for a name server",
}
_MUST_BE_ON = {"keepalive": "every picture would need a connection of its own"}
_MUST_NOT_BE = {"maxranges": ("none", "films could not be sought, and downloads not be taken up again")}
_LOGS = ("logformat", "customlog", "globallog")
_SECRETS = re.compile(r"%[^{%\s]*\{(?:cookie|authorization|proxy-authorization|set-cookie)\}[io]", re.IGNORECASE)
_FORWARDING = ("proxypass", "proxypassmatch", "balancermember", "proxyset")
_ADDING_UP = frozenset((*_LOGS, *_FORWARDING))
_TRUSTED = ("remoteipinternalproxy", "remoteiptrustedproxy", "remoteipinternalproxylist", "remoteiptrustedproxylist")
_PROCESSES, _THREADS = "16", "25"  # of mod_mpm_event, where nothing is said
_WAIT_MS = 1000  # the least that a visitor waits for a connection to a backend before he is sent away
_AWAY_S = 600  # the most that a backend is left alone because one request failed
_READ_S = 5  # the least that a visitor on a bad line gets to send a request
_OLD_TLS = ("sslv3", "tlsv1", "tlsv1.1")
_SECTION = re.compile(r"(?P<part>header|body|handshake)=(?P<seconds>\d+)")

Check = Callable[[Directive], Optional[str]]


def check_policy(config: ApacheConfig, manifest: Manifest) -> list[Failure]:
    """Every directive that no fleet wants, with its file and line; the last word of a file counts, as in Apache."""
    told = itertools.chain(_told(config), aliases.above_sites(config, manifest))
    told = itertools.chain(told, root_folder.opened(config, manifest), _few_workers(config), _gullible(config))
    found = [_failure(directive, manifest, why) for directive, why in told]
    useless = (_of_file(place, manifest, why) for place, why in passwords.unreadable(config, manifest))
    return [*found, *useless, *_tls_switched_off(config, manifest)]


def _told(config: ApacheConfig) -> Iterator[tuple[Directive, str]]:
    for directive in _last(config):
        for check in _CHECKS:
            why = check(directive)
            if why is not None:
                yield directive, why


def _last(config: ApacheConfig) -> list[Directive]:
    """A server-wide directive that is said twice is decided by the last one, but for those that add up; vhosts have their own."""
    kept = {(directive.name, directive.vhost, _own_place(directive)): directive for directive in config.directives}
    return list(kept.values())


def _own_place(directive: Directive) -> Optional[int]:
    return directive.line if directive.name in _ADDING_UP else None


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


def _must_not_be(directive: Directive) -> Optional[str]:
    word, why = _MUST_NOT_BE.get(directive.name, ("", ""))
    return why if why and directive.first.lower() == word else None


def _talkative(directive: Directive) -> Optional[str]:
    """Of everything; one module may well be watched for a while."""
    if directive.name != "loglevel":
        return None
    loud = [word for word in directive.words if ":" not in word and word.lower().startswith(("debug", "trace"))]
    return "%s writes many lines a request and fills the disk" % loud[0] if loud else None


def _indiscreet(directive: Directive) -> Optional[str]:
    found = _SECRETS.search(" ".join(directive.words)) if directive.name in _LOGS else None
    return "%s: who reads the log could be anybody who is logged in" % found[0] if found else None


def _impatient(directive: Directive) -> Optional[str]:
    """Of the parameters of a backend."""
    if directive.name not in _FORWARDING:
        return None
    said = dict(word.lower().partition("=")[::2] for word in directive.words)
    acquire, retry = said.get("acquire", ""), said.get("retry", "")
    if acquire.isdigit() and int(acquire) < _WAIT_MS:
        return "acquire=%s sends visitors away who wait for a connection (at least %d ms)" % (acquire, _WAIT_MS)
    late = retry.isdigit() and int(retry) > _AWAY_S
    return "retry=%s keeps visitors from a backend that is well again (at most %d s)" % (retry, _AWAY_S) if late else None


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


_CHECKS: tuple[Check, ...] = (
    _too_small,
    _must_be_off,
    _must_be_on,
    _must_not_be,
    _talkative,
    _indiscreet,
    _impatient,
    _read_time,
    _old_tls,
)


def _few_workers(config: ApacheConfig) -> Iterator[tuple[Directive, str]]:
    """Apache takes no more than so many processes of so many threads, whatever MaxRequestWorkers says."""
    said = {
        directive.name: directive for directive in config.named("serverlimit", "threadsperchild") if directive.first.isdigit()
    }
    limit, threads = said.get("serverlimit"), said.get("threadsperchild")
    workers = int(limit.first if limit else _PROCESSES) * int(threads.first if threads else _THREADS)
    least, why = _LEAST["maxrequestworkers"]
    lowest = threads or limit
    if lowest is not None and workers < least:
        yield lowest, "%d workers in all are too few, %s (at least %d)" % (workers, why, least)


def _gullible(config: ApacheConfig) -> Iterator[tuple[Directive, str]]:
    """Without a list of those who may say it, mod_remoteip believes everybody."""
    if not config.named(*_TRUSTED):
        for directive in config.named("remoteipheader"):
            yield directive, "every visitor could say whose address he has, and no RemoteIPInternalProxy says who may"


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


def _of_file(place: str, manifest: Manifest, why: str) -> Failure:
    return Failure(site_of(manifest, place.rpartition(":")[0]), GUARD, "%s: %s" % (place, why))
