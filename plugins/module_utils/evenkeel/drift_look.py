"""Looks at a host for what differs from what Evenkeel wrote; changes nothing but its own notes."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Optional

from . import apache_config, compare, drift, drift_diff, drift_seen, links
from .drift import Finding
from .host import Host
from .manifest import WEB
from .release import Release
from .spelling import spell
from .store import Store

_ATTEMPTS = 3
_LINKS = {
    links.ADD: "has no link in the document root",
    links.ADOPT: "is a file in the document root, not the link to the release",
    links.REPLACE: "leads elsewhere in the document root",
    links.FOREIGN: "is covered by a file of somebody else in the document root",
}


@dataclass(frozen=True)
class Look:
    """What one look found; `at` is seconds since 1970, `release` None where there is none yet."""

    at: float
    release: Optional[str]
    found: tuple[Finding, ...] = ()

    def document(self) -> dict[str, Any]:
        """Plain data, without the content of any file."""
        return {
            "format": 1,
            "at": self.at,
            "release": self.release,
            "kinds": drift.counted(self.found),
            "found": [asdict(finding) for finding in self.found],
        }


def look(host: Host) -> Look:
    """Everything, every file of the live release hashed; begun again when another release went live meanwhile."""
    for _ in range(_ATTEMPTS - 1):
        found = _look(host)
        if found.release == Store(host).current_id():
            return found
    return _look(host)


def remember(host: Host, found: Look) -> None:
    """For the metrics, for the next push, and for whoever comes by."""
    host.disk.replace(host.paths.drift, (json.dumps(found.document(), sort_keys=True) + "\n").encode(), 0o640)


def remembered(host: Host) -> bool:
    """Whether the last look found what a push asks about and does not see for itself."""
    try:
        with open(host.paths.drift, encoding="utf-8") as stream:
            found = [Finding(**raw) for raw in json.load(stream)["found"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return any(drift.stops(finding) and not finding.lost for finding in found)


def text(host: Host, found: Look) -> str:
    """What was found, with diffs."""
    store = Store(host)
    return drift_diff.describe(host, store, store.load(found.release), found.found) if found.release else ""


def before_push(host: Host, store: Store, live: Release) -> list[Finding]:
    """The live release by the marks of its files; all else only where the last look found some, to see if it is still there."""
    found = store.differences(live, drift_seen.load(host, live.id))
    return found + (_beside(host, live) if remembered(host) else [])


def _look(host: Host) -> Look:
    store, at = Store(host), host.clock.now()
    current = store.current_id()
    if current is None:
        return Look(at, None)
    live = store.load(current)
    compared = store.comparison(live)
    found = compared.findings()
    with contextlib.suppress(OSError):  # without it, the next push hashes all files
        drift_seen.save(host, live.id, compared.marks)
    return Look(at, current, (*found, *_links(host, live), *_beside(host, live)))


def _beside(host: Host, live: Release) -> list[Finding]:
    """What a push does not touch: entry points, packages, and what Apache makes of it all."""
    wanted = drift.entry_points(live.manifest)
    found = list(drift.of_entry_points(wanted, compare.texts(host.paths.at, wanted)))
    found += _packages(host, wanted)
    return found + (_apache(host, live) if live.manifest.tier == WEB else [])


def _links(host: Host, live: Release) -> list[Finding]:
    changes = links.changes(host, live, live, live.manifest.sites)
    return [Finding(drift.LINK, "settings/%s/%s" % (one.link.site, one.link.path), _LINKS[one.kind]) for one in changes]


def _packages(host: Host, ours: Iterable[str]) -> list[Finding]:
    form = "${db:Status-Status}\\n${Conffiles}\\n"
    listed = host.programs.run(["dpkg-query", "--show", "--showformat=" + form, *drift.PACKAGES])  # 1: a pattern fits none
    ucf = compare.content(host.paths.at("/var/lib/ucf/hashfile")) or b""
    shipped = drift.watched([*drift.conffiles(listed.stdout), *drift.ucf_files(ucf.decode("utf-8", "replace"))], ours)
    sums = {one.path: _md5(host.paths.at(one.path)) for one in shipped}
    return list(drift.of_packages(shipped, sums, _added(host, {one.path for one in shipped})))


def _md5(path: str) -> Optional[str]:
    """Through links: an administrator may have moved the file, its content counts."""
    try:
        with open(path, "rb") as stream:
            return hashlib.new("md5", stream.read(), usedforsecurity=False).hexdigest()
    except OSError:
        return None


def _added(host: Host, shipped: Iterable[str]) -> list[str]:
    """Files in PHP's folder of extensions: packages put links there, into mods-available."""
    root = host.paths.root.rstrip("/")
    files = glob.glob(glob.escape(host.paths.at("/etc/php")) + "/*/fpm/conf.d/*.ini")
    return [path[len(root) :] for path in files if not os.path.islink(path) and path[len(root) :] not in shipped]


def _apache(host: Host, live: Release) -> list[Finding]:
    """What Apache would load when it is reloaded next, which the nightly rotation of logs does."""
    said = host.programs.run(["apache2ctl", "-t", "-D", "DUMP_VHOSTS", "-D", "DUMP_MODULES"], timeout_s=120)
    if not said.ok:
        why = spell(" ".join((said.stderr or said.output).split())[-300:])
        return [Finding(drift.CHANGED, "/etc/apache2", "is refused by Apache, which cannot be reloaded: %s" % why)]
    lines = said.stdout.splitlines()
    found = list(drift.of_modules(drift.modules_loaded(lines), _modules(live)))
    return found + list(drift.of_vhosts(apache_config.parse_vhosts(lines), live.manifest))


def _modules(live: Release) -> set[str]:
    """What the pool's own files load; a template of the house may have moved that out of the main file."""
    files = [path for path in live.manifest.pool_files() if path.startswith("apache2/") and path.endswith(".conf")]
    texts = [(compare.content(live.file(path)) or b"").decode("utf-8", "replace") for path in files]
    return drift.modules_wanted("\n".join(texts))
