"""What Apache read must be what the truth meant: every name at its own site, and nothing else."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Optional

from .apache_config import Vhost
from .manifest import Manifest
from .spelling import in_release, site_of, spell
from .verdict import Failure

GUARD = "vhosts"


def check_vhosts(vhosts: Sequence[Vhost], manifest: Manifest, port: int, more_ports: Collection[str] = ()) -> list[Failure]:
    """Vhosts that are missing, foreign, shadowed, bound to an address or to a port on which nobody listens.

    `more_ports` are those beside `port` on which the release listens, for TLS: there, no name must be, but none twice.
    """
    found: list[Failure] = []
    for vhost in vhosts:
        found.extend(_misplaced(vhost, manifest, str(port), more_ports))
    found.extend(_wrong_names([vhost for vhost in vhosts if vhost.port not in more_ports], manifest))
    for other in sorted(more_ports):
        found.extend(_stray_names([vhost for vhost in vhosts if vhost.port == other], manifest))
    return found


def promised_names(facts: Mapping[str, Any]) -> set[str]:
    """Every name that must lead to a site; none for a site that is absent."""
    vhosts = {str(name).lower() for name in facts.get("vhosts", ())}
    if not vhosts:
        return set()
    return vhosts | {str(facts["server_name"]).lower()} | {str(name).lower() for name in facts.get("aliases", ())}


def place(vhost: Vhost) -> str:
    return "%s:%d" % (spell(vhost.file), vhost.line)


def _misplaced(vhost: Vhost, manifest: Manifest, port: str, more_ports: Collection[str]) -> Iterator[Failure]:
    site = site_of(manifest, vhost.file)
    if not in_release(vhost.file):
        got = "Apache also reads a vhost %s from %s" % (vhost.name, place(vhost))
        yield Failure(None, GUARD, got, "none outside of the release")
    if vhost.address != "*":
        got = "the vhost at %s is bound to the address %s and takes requests from every other site" % (
            place(vhost),
            vhost.address,
        )
        yield Failure(site, GUARD, got, "*")
    if vhost.port not in (port, "*", *more_ports):
        yield Failure(site, GUARD, "the vhost at %s listens on port %s" % (place(vhost), vhost.port), "${EVENKEEL_PORT}")
    if vhost.default and vhost.address == "*" and site is not None and vhost.port not in more_ports:
        got = "the vhost at %s answers for every unknown name" % place(vhost)
        yield Failure(site, GUARD, got, "the default vhost of the release")


def _wrong_names(vhosts: Sequence[Vhost], manifest: Manifest) -> Iterator[Failure]:
    index = _Index(vhosts)
    owners = {vhost: site_of(manifest, vhost.file) for vhost in vhosts}
    for site, facts in sorted(manifest.sites.items()):
        for name in sorted(promised_names(facts)):
            yield from _lookup(index.find(name), owners, site, name)
    yield from _stray_names(vhosts, manifest)


def _stray_names(vhosts: Sequence[Vhost], manifest: Manifest) -> Iterator[Failure]:
    owners = {vhost: site_of(manifest, vhost.file) for vhost in vhosts}
    for vhost in vhosts:
        owner = owners[vhost]
        if owner is not None:
            yield from _surplus(vhost, owner, promised_names(manifest.sites[owner]))
    yield from _twice(_Index(vhosts), owners, manifest)


def _lookup(vhost: Optional[Vhost], owners: Mapping[Vhost, Optional[str]], site: str, name: str) -> Iterator[Failure]:
    if vhost is None:
        yield Failure(site, GUARD, "Apache read no vhost for %s" % name, "one in apache2/sites/%s.conf" % site)
    elif owners[vhost] != site:
        yield Failure(site, GUARD, "%s leads to the vhost at %s" % (name, place(vhost)), "apache2/sites/%s.conf" % site)


def _surplus(vhost: Vhost, site: str, promised: set[str]) -> Iterator[Failure]:
    surplus = sorted({name.lower() for name in vhost.names} - promised)
    if surplus:
        got = "the vhost at %s also takes %s" % (place(vhost), ", ".join(surplus))
        yield Failure(site, GUARD, got, "only the names of the site")


def _twice(index: _Index, owners: Mapping[Vhost, Optional[str]], manifest: Manifest) -> Iterator[Failure]:
    for name, found in sorted(index.exact.items()):
        for vhost in found[1:]:
            got = "%s stands at %s and again at %s" % (name, place(found[0]), place(vhost))
            yield Failure(_guilty(name, found[0], vhost, owners, manifest), GUARD, got, "one vhost for it")


def _guilty(name: str, first: Vhost, second: Vhost, owners: Mapping[Vhost, Optional[str]], manifest: Manifest) -> Optional[str]:
    """The site that takes a name it does not own; else the later one, which is never asked."""
    for vhost in (first, second):
        site = owners[vhost]
        if site is not None and name not in promised_names(manifest.sites[site]):
            return site
    return owners[second]


class _Index:
    """Names in Apache's own order: the first vhost with the name, or with a pattern that fits, gets the request."""

    def __init__(self, vhosts: Sequence[Vhost]) -> None:
        self._order = {vhost: number for number, vhost in enumerate(vhosts)}
        self._wild = [(pattern.lower(), vhost) for vhost in vhosts for pattern in vhost.wild]
        self.exact: dict[str, list[Vhost]] = {}
        for vhost in vhosts:
            for name in dict.fromkeys(name.lower() for name in (vhost.name, *vhost.aliases)):
                self.exact.setdefault(name, []).append(vhost)

    def find(self, name: str) -> Optional[Vhost]:
        fitting = self.exact.get(name, [])[:1]
        fitting += [vhost for pattern, vhost in self._wild if fnmatch.fnmatchcase(name, pattern)]
        return min(fitting, key=self._order.__getitem__, default=None)
