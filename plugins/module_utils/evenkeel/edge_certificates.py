"""Certificates of balancers: keys that do not fit, and files that are worse than those they replace. Whose they are is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from . import checks, tls
from .manifest import CERTIFICATES
from .release import Release
from .verdict import Failure

GUARD = "certificate"
LIST = "haproxy/certificates.list"
_PEM = ".pem"


def check(live: Release, candidate: Release) -> list[Failure]:
    """A failure for each site whose certificate is no good; one for all where nobody's site uses it alone."""
    names = frozenset(name for facts in candidate.manifest.sites.values() for name in facts["vhosts"])
    found = [*_pairs(candidate), *tls.check_certificates(live, candidate, names=names)]
    return [each for failure in found for each in _owned(failure, candidate)]


def unusable(found: Iterable[Failure]) -> bool:
    """Whether HAProxy would not start for one of them. That is then a site's own failure, and no pool's."""
    return any(failure.guard == GUARD for failure in found)


def users(release: Release, name: str) -> list[str]:
    """The sites that present this certificate."""
    sites = release.manifest.sites
    return sorted(site for site, facts in sites.items() if facts["certificate"]["name"] == name)


def default(release: Release) -> str:
    """The certificate that visitors get who name no host: the first of the list."""
    with open(release.file(LIST), encoding="ascii") as stream:
        lines = [line.strip() for line in stream if line.strip() and not line.startswith("#")]
    return name_of(lines[0]) if lines else ""


def name_of(path: str) -> str:
    """`shop` of `.../certificates/shop.pem` and of its key."""
    return path.rpartition("/")[2].partition(_PEM)[0]


def _pairs(candidate: Release) -> Iterator[Failure]:
    for path in sorted(candidate.manifest.files):
        if path.startswith(CERTIFICATES) and path.endswith(_PEM):
            problem = checks.pair_problem(candidate.file(path), candidate.file(path + ".key"))
            if problem:
                yield Failure(None, GUARD, "%s: %s" % (path, problem))


def _owned(failure: Failure, candidate: Release) -> list[Failure]:
    """HAProxy does not start without its default certificate, so that one is everybody's."""
    name = name_of(failure.got.partition(":")[0])
    if name == default(candidate):
        return [failure]
    return [replace(failure, site=site) for site in users(candidate, name)] or [failure]
