"""The twin from the host's side: prepare its folders, start its unit, read what it says, and leave nothing behind."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import socket
import stat
from collections.abc import Iterator

from . import links, twin_conf, twin_plan
from .errors import HostNotReady, InvalidState
from .host import Host
from .plan import Change
from .release import Release
from .twin_plan import Document, Report, TwinPlan
from .verdict import Failure

PORTS = range(61000, 65000)  # above the ports that Linux gives to clients, so that none of them comes in between
_START_S = 70.0
_NOT_INSTALLED = 5  # systemctl(1), after the LSB
_FOLDERS = ("etc/releases", "log", "run_apache2", "lock_apache2", "run_php/live", "overlay")
_OF_APACHE = ("run_apache2", "lock_apache2")
_MOUNTED_OVER = ("/run/apache2", "/run/lock/apache2", "/run/php")


@contextlib.contextmanager
def running(host: Host, live: Release, candidate: Release, change: Change) -> Iterator[tuple[TwinPlan, Report]]:
    """A twin of `candidate` for as long as the block runs. What a killed run left behind is cleaned up first."""
    clean(host)
    plan = make_plan(host, live, candidate, change)
    try:
        _prepare(host, plan)
        yield plan, start(host, plan.release)
    finally:
        clean(host)


def make_plan(host: Host, live: Release, candidate: Release, change: Change) -> TwinPlan:
    """Everything the twin needs to know, so that inside of it nothing is left to decide."""
    pools, whole, dedicated, borrowed = twin_plan.php_part(candidate.manifest, change)
    port, tls_port = free_ports(2)
    return TwinPlan(
        release=candidate.id,
        port=port,
        tls_port=tls_port,
        pools=pools,
        whole=whole,
        dedicated=dedicated,
        borrowed=borrowed,
        sockets=twin_plan.own_sockets(candidate.manifest, change),
        documents=tuple(_documents(host, live, candidate, change)),
    )


def folder(host: Host, release_id: str) -> str:
    return os.path.join(host.paths.twins, release_id)


def unit(release_id: str) -> str:
    return "evenkeel-twin@%s.service" % release_id


def clean(host: Host) -> None:
    """Stop every twin and remove every folder of one; a twin that is not ours to use has no business here."""
    for name in _left(host):
        host.programs.run(["systemctl", "stop", unit(name)], timeout_s=30)
        host.disk.remove_tree(folder(host, name))


def _left(host: Host) -> list[str]:
    try:
        return sorted(os.listdir(host.paths.twins))
    except FileNotFoundError:
        return []


def _documents(host: Host, live: Release, candidate: Release, change: Change) -> Iterator[Document]:
    sites = [site for site in change.touched if site in candidate.manifest.sites]
    for found in links.changes(host, live, candidate, sites):
        root = str(candidate.manifest.sites[found.link.site]["document_root"])
        if found.kind == links.REMOVE:
            yield Document(root, found.link.path, None)
        elif found.kind != links.FOREIGN:
            yield Document(root, found.link.path, links.destination(found.link))


def free_ports(count: int) -> list[int]:
    found = []
    for port in random.sample(PORTS, 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
        if len(found) == count:
            return found
    raise HostNotReady("no %d ports between %d and %d are free for the twin" % (count, PORTS[0], PORTS[-1]))


def _prepare(host: Host, plan: TwinPlan) -> None:
    base = folder(host, plan.release)
    host.disk.make_folder(host.paths.twins, 0o700)
    for name in _FOLDERS:
        host.disk.make_folder(os.path.join(base, name))
    for name in _OF_APACHE:
        _give_to_apache(os.path.join(base, name))
    os.symlink("releases/" + plan.release, os.path.join(base, "etc", "current"))
    for path in plan.borrowed:
        os.symlink("live/" + os.path.basename(path), os.path.join(base, "run_php", os.path.basename(path)))
    _copy_log_folders(host, os.path.join(base, "log"))
    for path in _MOUNTED_OVER:
        host.disk.make_folder(host.paths.at(path))
    for name, text in twin_conf.files(plan).items():
        host.disk.write(os.path.join(base, "etc", name), text.encode())
    host.disk.write(os.path.join(base, twin_plan.PLAN), twin_plan.plan_bytes(plan), 0o600)


def _copy_log_folders(host: Host, target: str) -> None:
    """The same folders as in /var/log and no file, so that a log folder that is missing is missing in the twin, too.

    Pipes are there as well: a log that is written into one hangs the live Apache.
    """
    source = host.paths.at("/var/log")
    for top, names, files in os.walk(source):
        below = os.path.relpath(top, source)
        if below.count(os.sep) >= 2 or below.split(os.sep)[0] == "journal":
            names.clear()
        for name in files:
            if stat.S_ISFIFO(os.lstat(os.path.join(top, name)).st_mode):
                os.mkfifo(os.path.normpath(os.path.join(target, below, name)))
        for name in names:
            copy = os.path.normpath(os.path.join(target, below, name))
            os.mkdir(copy)
            shutil.copystat(os.path.join(top, name), copy)
            _give_to_apache(copy)


def _give_to_apache(path: str) -> None:
    try:
        entry = pwd.getpwnam(twin_conf.WEB_USER)
    except KeyError as error:
        raise HostNotReady("this host has no user %s; is apache2 installed?" % twin_conf.WEB_USER) from error
    os.chown(path, entry.pw_uid, entry.pw_gid)


def start(host: Host, release_id: str) -> Report:
    """Start the unit and read its report; the folders and the plan are there."""
    said = host.programs.run(["systemctl", "start", unit(release_id)], timeout_s=_START_S)
    if said.status == _NOT_INSTALLED:
        raise HostNotReady("evenkeel-twin@.service is not installed on this host; run playbooks/site.yml for it first")
    path = os.path.join(folder(host, release_id), twin_plan.REPORT)
    try:
        with open(path, "rb") as stream:
            return twin_plan.report_from(stream.read())
    except (OSError, InvalidState):
        return Report(False, (Failure(None, "start", "the twin did not start", cause=_why(host, release_id, said.output)),), ())


def _why(host: Host, release_id: str, output: str) -> tuple[str, ...]:
    asked = ["journalctl", "--no-pager", "--output=cat", "--lines=5", "--unit", unit(release_id)]
    lines = (output + "\n" + host.programs.run(asked, timeout_s=10).output).splitlines()
    advice = ("Job for ", 'See "systemctl')
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith(advice))[:3]
