"""Files that lie in document roots: what the live release keeps from visitors, or shows them, a candidate must, too.

Nobody writes probes for folders that a deny rule keeps shut, or for every picture. So the host looks which files are there,
asks twin and live for a few of each kind, and compares. PHP is asked for only where uploads or parts of a program lie, because
running a page that nobody asked for may change something.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Optional
from urllib.parse import quote

from .host import Host
from .judge import SITE_HEADER
from .likeness import media
from .plan import Change
from .probe import Answer, Expect, Probe
from .prober import Prober
from .release import Release
from .verdict import Failure

EXPOSURE = "exposure"
SOURCE = b"<?php"
_SITES = 40
_PROBES = 240  # in all, so that a change of the whole pool does not become slow
_DEPTH = 3
_ENTRIES = 600  # looked at in one document root
_KINDS = {"hidden": 6, "left": 6, "part": 3, "folder": 4, "asset": 8}  # in this order, so many of each
_LEFT = re.compile(
    r"(?i)(~|#|\.(bak|backup|orig|save|sw[a-z]|sql|old|inc|tmp|dist|log|json|ya?ml|ini|lock|phpp|phps|php\d?[._-]\w+))$"
)
_NO_PAGES = re.compile(
    r"(?i)(^|/)(uploads?|files|media|images|data|cache|tmp|temp|backups?|inc|includes?|libs?|vendor|src|classes|private|config)/"
)
_PHP = re.compile(r"(?i)\.(php\d?|phtml|phar)$")
_INDEX = re.compile(r"(?i)(index|default)\.\w+$")
_STATUS = "/server-status"  # who asks for what, with addresses: shown by a server, not by a file
_SERVED = (200, 206)
_DENIED = (401, 403, 404, 410)


@dataclass(frozen=True)
class _Found:
    """One path below a document root. A folder ends with a slash."""

    path: str
    kind: str

    @property
    def likeness(self) -> tuple[str, str]:
        """Two files of one folder and one ending are treated alike, so one of them is enough."""
        folder, name = os.path.split(self.path)
        return folder, os.path.splitext(name)[1].lower() or name


def compare(host: Host, live: Release, candidate: Release, change: Change, twin: Prober, now: Prober) -> list[Failure]:
    """What the candidate shows that live denies, or loses that live has, among the files that lie there."""
    probes = list(_probes(host, live, candidate, change))
    if not probes:
        return []
    failures = [judge(*each, live.id) for each in zip(probes, now.ask(probes), twin.ask(probes))]
    return [failure for failure in failures if failure is not None]


def judge(probe: Probe, live: Answer, twin: Answer, release: str) -> Optional[Failure]:
    """A failure where the candidate treats a file worse than live does; an answer of neither says nothing."""
    if live.status is None or twin.status is None or live.headers.get(SITE_HEADER) != probe.site:
        return None
    if twin.status in _SERVED and live.status in _DENIED:
        got = "answered %d, so that everybody can read it" % twin.status
        return _failure(probe, EXPOSURE, got, "%d as release %s answers" % (live.status, release), twin)
    if SOURCE in twin.body and SOURCE not in live.body:
        return _failure(probe, "lacks", "answered %d and shows '<?php'" % twin.status, "none of that", twin)
    if live.status not in _SERVED:
        return None
    if twin.status not in _SERVED:
        return _failure(probe, "status", "answered %d" % twin.status, "%d as release %s answers" % (live.status, release), twin)
    before, after = media(live), media(twin)
    if before != after:
        return _failure(probe, "content_type", "answered with the type %s" % (after or "(none)"), before or "no type", twin)
    return None


def _failure(probe: Probe, guard: str, got: str, expected: str, answer: Answer) -> Failure:
    return Failure(probe.site, guard, got, expected, probe.name, probe.host + probe.path, answer.status)


def _probes(host: Host, live: Release, candidate: Release, change: Change) -> Iterator[Probe]:
    sites = [site for site in change.touched if _comparable(site, live, candidate)][:_SITES]
    share = max(4, _PROBES // max(1, len(sites)))
    for site in sites:
        facts = candidate.manifest.sites[site]
        changed = _changed_settings(site, live, candidate)
        promised = {str(probe["path"]) for probe in candidate.probes.get(site, ())}
        found = (each for each in look(host.paths.at(str(facts["document_root"]))) if each.path not in changed)
        for path in [_STATUS, *("/" + quote(each.path) for each in choose(found)[:share])]:
            if path not in promised:
                yield Probe(site, "file " + path, str(facts["server_name"]), path, Expect(status=_SERVED))


def _comparable(site: str, live: Release, candidate: Release) -> bool:
    """A site that promises something else is meant to answer otherwise; its probes say how."""
    before, after = live.manifest.sites.get(site), candidate.manifest.sites.get(site)
    return (
        before is not None
        and after is not None
        and after["kind"] != "proxy"
        and after["document_root"] == before["document_root"]
        and same_promises(live, candidate, site)
    )


def same_promises(live: Release, candidate: Release, site: str) -> bool:
    """Whether what both releases promise of a site is the same; a promise more or less takes nothing back."""
    before = {str(probe["name"]): probe["expect"] for probe in live.probes.get(site, ())}
    after = {str(probe["name"]): probe["expect"] for probe in candidate.probes.get(site, ())}
    return all(before[name] == after[name] for name in set(before) & set(after))


def _changed_settings(site: str, live: Release, candidate: Release) -> set[str]:
    """Paths below the document root that the release itself changes or takes away."""
    prefix = "settings/%s/" % site
    old, new = live.manifest.site_files(site), candidate.manifest.site_files(site)
    names = {path for path in set(old) | set(new) if path.startswith(prefix)}
    return {path[len(prefix) :] for path in names if path not in old or path not in new}


def choose(found: Iterable[_Found]) -> list[_Found]:
    """A few of each kind, the risky kinds first, each folder and ending once."""
    by_kind: dict[str, dict[tuple[str, str], _Found]] = {}
    for each in found:
        by_kind.setdefault(each.kind, {}).setdefault(each.likeness, each)
    return [each for kind, limit in _KINDS.items() for each in list(by_kind.get(kind, {}).values())[:limit]]


def look(root: str) -> list[_Found]:
    """What lies below `root`, links to folders not followed; sorted, and no more than _ENTRIES."""
    found: list[_Found] = []
    folders, seen = [""], 0
    while folders and seen < _ENTRIES:
        folder = folders.pop(0)
        try:
            with os.scandir(os.path.join(root, folder)) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:
            continue
        seen += len(entries)
        names = [entry.name for entry in entries]
        if folder and not any(_INDEX.match(name) for name in names):
            found.append(_Found(folder, "folder"))
        for entry in entries[:_ENTRIES]:
            path = folder + entry.name
            if not _is_folder(entry):
                found.extend(_file(path))
            elif path.count("/") < _DEPTH:
                folders.append(path + "/")
    return found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _file(path: str) -> Sequence[_Found]:
    if not path.isprintable() or path == ".well-known" or path.startswith(".well-known/"):
        return ()
    if path.startswith(".") or "/." in path:
        return (_Found(path, "hidden"),)
    if _LEFT.search(path):
        return (_Found(path, "left"),)
    if _PHP.search(path):
        return (_Found(path, "part"),) if _NO_PAGES.search(path) else ()
    return (_Found(path, "asset"),)
