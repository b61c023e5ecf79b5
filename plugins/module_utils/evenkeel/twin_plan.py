"""What a twin must run, decided on the host's side and read inside the twin's unit. Data only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Optional

from .errors import InvalidState
from .manifest import EDGE, Manifest
from .plan import Change, php_of
from .verdict import Failure, failures_from

PLAN = "plan.json"
REPORT = "report.json"


@dataclass(frozen=True)
class Document:
    """One settings link that a document root lacks, or has too many of: `target` None takes the file away."""

    root: str
    path: str
    target: Optional[str]


@dataclass(frozen=True)
class TwinPlan:
    """`pools` are pool files for a master of the twin's own, by PHP version; `whole` versions run as they are.

    `dedicated` are the files of masters that serve one site; `borrowed` are sockets of live pools;
    `sockets` must answer before the twin is ready.
    """

    release: str
    port: int
    pools: Mapping[str, tuple[str, ...]]
    whole: tuple[str, ...]
    dedicated: tuple[str, ...]
    borrowed: tuple[str, ...]
    sockets: tuple[str, ...]
    documents: tuple[Document, ...]
    tls_port: int = 0  # for a release whose Apache ends TLS itself


@dataclass(frozen=True)
class Report:
    """What the twin says about itself: what keeps it from starting, and where its error logs are on the host."""

    started: bool
    failures: tuple[Failure, ...]
    error_logs: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...] = ()  # site and what was seen in its configuration: a cause, no failure


def php_part(
    manifest: Manifest, change: Change
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Pool files by version, versions to run whole, dedicated files, and the sockets that live pools answer."""
    whole = _whole_versions(change, manifest)
    pools: dict[str, list[str]] = {}
    dedicated: list[str] = []
    own = {site for site in change.twin_pools if php_of(manifest, site)}
    for site in sorted(own):
        php = php_of(manifest, site) or {}
        if php["isolation"] == "dedicated":
            dedicated.append("php/%s/dedicated/%s.conf" % (php["version"], site))
        elif php["version"] not in whole:
            pools.setdefault(php["version"], []).append("php/%s/pool.d/%s.conf" % (php["version"], site))
    borrowed = _borrowed(manifest, change, own, whole)
    return {version: tuple(files) for version, files in pools.items()}, whole, tuple(dedicated), borrowed


def own_sockets(manifest: Manifest, change: Change) -> tuple[str, ...]:
    """Sockets that must answer before the twin is ready."""
    found = [php_of(manifest, site) for site in change.twin_pools]
    return tuple(sorted(str(php["socket"]) for php in found if php is not None))


def _whole_versions(change: Change, manifest: Manifest) -> tuple[str, ...]:
    """Masters whose own file changed, or that are new on this host, run all their pools."""
    versions = {path.split("/")[1] for path in change.pool_files if path.startswith("php/")}
    return tuple(sorted(versions & set(manifest.php_versions)))


def _borrowed(manifest: Manifest, change: Change, own: set[str], whole: tuple[str, ...]) -> tuple[str, ...]:
    sockets = []
    for site in change.touched:
        php = php_of(manifest, site)
        if php is not None and site not in own and not (php["isolation"] == "shared" and php["version"] in whole):
            sockets.append(str(php["socket"]))
    return tuple(sorted(sockets))


def plan_bytes(plan: TwinPlan) -> bytes:
    return json.dumps(asdict(plan)).encode()


def plan_from(data: bytes) -> TwinPlan:
    """The plan as `plan_bytes` wrote it; InvalidState when it is not one."""
    try:
        raw = json.loads(data)
        return TwinPlan(
            release=str(raw["release"]),
            port=int(raw["port"]),
            tls_port=int(raw.get("tls_port") or 0),
            pools={version: tuple(files) for version, files in raw["pools"].items()},
            documents=tuple(Document(**document) for document in raw["documents"]),
            **{name: tuple(raw[name]) for name in ("whole", "dedicated", "borrowed", "sockets")},
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(PLAN, error) from error


def is_edge(data: bytes) -> bool:
    """Whether a twin's plan is a balancer's."""
    try:
        return bool(json.loads(data).get("tier") == EDGE)
    except (ValueError, AttributeError):
        return False


def report_bytes(report: Report) -> bytes:
    return json.dumps(asdict(report)).encode()


def report_from(data: bytes) -> Report:
    """The report as `report_bytes` wrote it; InvalidState when it is not one."""
    try:
        raw: Mapping[str, Any] = json.loads(data)
        remarks = tuple((str(site), str(text)) for site, text in raw["remarks"])
        return Report(bool(raw["started"]), failures_from(raw["failures"]), tuple(raw["error_logs"]), remarks)
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(REPORT, error) from error


def _unreadable(name: str, error: Exception) -> InvalidState:
    return InvalidState("the twin's %s cannot be read: %s: %s" % (name, type(error).__name__, error))
