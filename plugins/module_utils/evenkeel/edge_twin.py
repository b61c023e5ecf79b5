"""A balancer's twin from the host's side: prepare its folders, start its unit, read what it says, and leave nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from . import haproxy, twin, twin_plan
from .errors import InvalidState
from .haproxy import UnixCli
from .host import Host
from .manifest import EDGE
from .release import Release
from .twin_plan import Report

_FOLDERS = ("etc/releases", "run_haproxy")


@dataclass(frozen=True)
class EdgePlan:
    """Where the twin listens on loopback."""

    release: str
    http: int
    https: int
    metrics: int
    tier: str = EDGE


@contextlib.contextmanager
def running(host: Host, candidate: Release) -> Iterator[tuple[EdgePlan, Report]]:
    """A twin of `candidate` for as long as the block runs. What a killed run left behind is cleaned up first."""
    twin.clean(host)
    http, https, metrics = twin.free_ports(3)
    plan = EdgePlan(candidate.id, http, https, metrics)
    try:
        _prepare(host, plan)
        yield plan, twin.start(host, candidate.id)
    finally:
        twin.clean(host)


def plan_bytes(plan: EdgePlan) -> bytes:
    return json.dumps(asdict(plan)).encode()


def plan_from(data: bytes) -> EdgePlan:
    """The plan as `plan_bytes` wrote it; InvalidState when it is not one."""
    try:
        raw = json.loads(data)
        return EdgePlan(str(raw["release"]), int(raw["http"]), int(raw["https"]), int(raw["metrics"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidState("the twin's plan cannot be read: %s" % error) from error


def cli(host: Host, plan: EdgePlan) -> UnixCli:
    """The socket of the twin's HAProxy."""
    return UnixCli(os.path.join(twin.folder(host, plan.release), "run_haproxy", os.path.basename(haproxy.SOCKET)))


def _prepare(host: Host, plan: EdgePlan) -> None:
    base = twin.folder(host, plan.release)
    host.disk.make_folder(host.paths.twins, 0o700)
    for name in _FOLDERS:
        host.disk.make_folder(os.path.join(base, name))
    os.symlink("releases/" + plan.release, os.path.join(base, "etc", "current"))
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(host.paths.at(haproxy.STATE), os.path.join(base, "run_haproxy", os.path.basename(haproxy.STATE)))
    host.disk.write(os.path.join(base, twin_plan.PLAN), plan_bytes(plan), 0o600)
