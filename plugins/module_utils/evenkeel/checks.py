"""Static guards over the configuration that Apache read: what passes `-t` and ends a healthy server all the same.

Each check is a small function from the parsed configuration to failures. Files are looked at, nothing is run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import stat
from collections.abc import Iterator
from typing import Optional

from .apache_config import ApacheConfig, Directive, words
from .manifest import Manifest
from .spelling import site_of, spell
from .verdict import Failure

_LOGS = {"errorlog": 0, "customlog": 0, "transferlog": 0, "globallog": 0, "forensiclog": 0, "rewritelog": 0}
_DEVICES = ("/dev/null", "/dev/stdout", "/dev/stderr")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def check_apache(config: ApacheConfig, manifest: Manifest, *own_listens: str) -> list[Failure]:
    """All guards of this file; `own_listens` is where the twin itself will listen."""
    found: list[Failure] = []
    for check in (_certificates, _programs, _log_folders):
        found.extend(check(config, manifest))
    others = [directive for directive in config.named("listen") if directive.first not in own_listens]
    found.extend(_listens(others, manifest))
    return found


def _listens(directives: list[Directive], manifest: Manifest) -> Iterator[Failure]:
    """Bind them all at once, so that two of them that overlap are found, too."""
    with contextlib.ExitStack() as bound:
        for directive in directives:
            try:
                bound.enter_context(_bound(directive.first))
            except (OSError, ValueError, OverflowError) as error:
                why = getattr(error, "strerror", None) or str(error)
                yield _failure(directive, manifest, "listen", "cannot listen on %s: %s" % (directive.first, why))


def _bound(listen: str) -> socket.socket:
    """A socket that listens on `[address:]port`, as Apache would; without an address on IPv4, which every host has."""
    address, _, port = listen.rpartition(":")
    family = socket.AF_INET6 if "[" in address else socket.AF_INET
    host = "0.0.0.0" if address in ("", "*") else address.strip("[]")
    server = socket.socket(family, socket.SOCK_STREAM)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, int(port)))
        server.listen(1)
    except BaseException:
        server.close()
        raise
    return server


def _certificates(config: ApacheConfig, manifest: Manifest) -> Iterator[Failure]:
    keys: dict[Optional[str], list[Directive]] = {}
    for directive in config.named("sslcertificatekeyfile"):
        keys.setdefault(directive.vhost, []).append(directive)
    seen: dict[Optional[str], int] = {}
    for directive in config.named("sslcertificatefile"):
        number = seen.setdefault(directive.vhost, 0)
        seen[directive.vhost] += 1
        own = keys.get(directive.vhost, [])
        key = own[number].first if number < len(own) else directive.first
        problem = pair_problem(directive.first, key)
        if problem is not None:
            yield _failure(directive, manifest, "certificate", problem)


def pair_problem(certificate: str, key: str) -> Optional[str]:
    """Why Apache would not start with this certificate and key, or None."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except _Encrypted:
        return "the key %s is encrypted, and nobody types its passphrase at a reload" % spell(key)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return "the key %s does not belong to the certificate %s" % (spell(key), spell(certificate))
        why = (error.reason or str(error)).replace("_", " ").lower()
        return "the certificate %s or its key %s is damaged (%s)" % (spell(certificate), spell(key), why)
    except OSError as error:
        missing = key if os.path.exists(certificate) else certificate
        return "%s cannot be read (%s)" % (spell(missing), error.strerror)
    return None


class _Encrypted(Exception):
    """A key asked for its passphrase."""


def _no_password() -> bytes:
    raise _Encrypted


def _programs(config: ApacheConfig, manifest: Manifest) -> Iterator[Failure]:
    """Piped logs and rewrite programs: a missing one ends Apache when it opens its logs."""
    for directive in config.directives:
        command = _command(directive)
        program = (words(command) or [""])[0] if command is not None else None
        if program is not None and shutil.which(program, path=_PATH) is None:
            what = "the program %s cannot be run" % (spell(program) or "(none)")
            yield _failure(directive, manifest, "program", what, "an executable file")


def _command(directive: Directive) -> Optional[str]:
    if directive.name in _LOGS and directive.first.startswith("|"):
        return directive.first.lstrip("|$").strip()
    if directive.name == "rewritemap" and len(directive.words) > 1 and directive.words[1].startswith("prg:"):
        return directive.words[1][4:]
    return None


def _log_folders(config: ApacheConfig, manifest: Manifest) -> Iterator[Failure]:
    root = next((directive.first for directive in config.named("serverroot")), "/etc/apache2")
    for directive in config.named(*_LOGS):
        target = directive.first
        if not target or target.startswith(("|", "syslog")) or ":" in target.split("/")[0]:
            continue
        path = os.path.join(root, target)
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            yield _failure(directive, manifest, "logs", "the log folder %s does not exist" % folder)
        elif not _takes_lines(path):
            yield _failure(directive, manifest, "logs", "%s is no file that a log could grow in" % path, "a file")


def _takes_lines(path: str) -> bool:
    """A folder ends Apache, a pipe that nobody reads hangs it, and what a device takes is gone."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return True
    return stat.S_ISREG(mode) or os.path.realpath(path) in _DEVICES or path in _DEVICES


def document_root_remarks(config: ApacheConfig, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Document roots that do not exist or hold nothing: Apache starts all the same, so the probes judge, and this is why."""
    for directive in config.named("documentroot"):
        site = site_of(manifest, directive.file)
        problem = _root_problem(directive.first)
        if site is not None and problem is not None:
            where = "%s:%d" % (spell(directive.file), directive.line)
            yield site, "%s: DocumentRoot %s %s" % (where, directive.first, problem)


def _root_problem(path: str) -> Optional[str]:
    try:
        return None if os.listdir(path) else "is empty: bring the site's files, or set `state: maintenance` until they are there"
    except OSError:
        return "does not exist"


def _failure(directive: Directive, manifest: Manifest, guard: str, got: str, expected: str = "") -> Failure:
    where = "%s:%d" % (spell(directive.file), directive.line)
    return Failure(site_of(manifest, directive.file), guard, "%s: %s" % (where, got), expected)
