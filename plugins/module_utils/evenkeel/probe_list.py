"""Everything that is asked of one site: derived from the truth, its own, and learned from traffic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import learned
from .errors import InvalidRelease
from .host import Host
from .manifest import EDGE
from .release import Release
from .store import Store

_KINDS = ("derived", "own", "learned")
_NAMED = 20


def gather(host: Host, site: str) -> dict[str, Any]:
    """The probes of `site` in the live release, and the pages that a proof would learn now."""
    store = Store(host)
    current = store.current_id()
    release = None if current is None else store.load(current)
    if release is None or site not in release.manifest.sites:
        known = sorted(release.manifest.sites) if release else []
        raise InvalidRelease("the live release has no site of the name %s; it has %s" % (site, _some(known)))
    return {
        "site": site,
        "release": release.id,
        "learns": release.manifest.tier != EDGE and learned.is_learning(release.manifest.sites[site]),
        "probes": [*_promised(release, site), *_learned(host, release, site)],
    }


def describe(document: Mapping[str, Any]) -> str:
    """One line a probe."""
    lines = [_line(probe) for kind in _KINDS for probe in document["probes"] if probe["kind"] == kind]
    if not document["learns"]:
        lines.append("Nothing is learned from this site's traffic; its site.yml may say `learn: true`.")
    elif not any(probe["kind"] == "learned" for probe in document["probes"]):
        lines.append("Nothing learned yet: this host's access log has no page of the site that may be asked again.")
    return "\n".join(lines)


def _some(names: Sequence[str]) -> str:
    return (", ".join(names[:_NAMED]) or "none") + (" and %d more" % (len(names) - _NAMED) if len(names) > _NAMED else "")


def _promised(release: Release, site: str) -> Iterator[dict[str, Any]]:
    for probe in release.probes.get(site, ()):
        yield {
            "kind": "own" if probe.get("own") else "derived",
            "name": probe["name"],
            "method": probe.get("method") or "GET",
            "host": probe["host"],
            "path": probe["path"],
            "status": probe["expect"]["status"],
        }


def _learned(host: Host, release: Release, site: str) -> Iterator[dict[str, Any]]:
    if release.manifest.tier == EDGE:
        return
    for page in learned.learn(host, release.manifest, [site]):
        yield {
            "kind": "learned",
            "name": "learned " + page.path,
            "method": "GET",
            "host": release.manifest.sites[site]["server_name"],
            "path": page.path,
            "asked": page.asked,
            "visitors": page.visitors,
            "seconds": page.seconds,
        }


def _line(probe: Mapping[str, Any]) -> str:
    request = "%-8s %-5s %s%s" % (probe["kind"], probe["method"], probe["host"], probe["path"])
    if probe["kind"] == "learned":
        return "%s  (asked %d times of late, by %s)" % (request, probe["asked"], _visitors(probe["visitors"]))
    return "%s  (%s: %s)" % (request, probe["name"], " or ".join(str(status) for status in probe["status"][:3]))


def _visitors(count: int) -> str:
    return "one visitor" if count == 1 else "%d visitors" % count
