"""What differs on a host from what Evenkeel wrote there. Pure: what was found in, findings out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from .manifest import EDGE, Manifest
from .spelling import in_release, spell

if TYPE_CHECKING:
    from .apache_config import Vhost

CHANGED = "changed"  # a file of the live release, or an entry point, says something else
MISSING = "missing"
EXTRA = "extra"  # a file inside the live release that nobody compiled
LINK = "link"  # a settings link that a tenant's document root lacks
PACKAGE = "package"  # what a Debian package brought
MODULE = "module"  # loaded by Apache, not by the release
VHOST = "vhost"  # read by Apache, not of the release
KINDS = (CHANGED, MISSING, EXTRA, LINK, PACKAGE, MODULE, VHOST)

ASK, KEEP, OVERWRITE = "ask", "keep", "overwrite"
ADOPTIONS = (ASK, KEEP, OVERWRITE)

# Packages whose files decide what visitors get, as dpkg-query takes them.
PACKAGES = ("apache2*", "libapache2-mod-*", "php*", "haproxy", "keepalived")
_PLACES = ("/etc/apache2/", "/etc/php/", "/etc/haproxy/", "/etc/keepalived/")
# Conffiles that roles replace or take away, besides the entry points.
_OF_ROLES = ("/etc/logrotate.d/apache2", "/etc/default/keepalived")
_MD5 = re.compile(r"[0-9a-f]{32}\Z")
_LOADED = re.compile(r" (\w+)_module \(shared\)\Z")
_LOAD = re.compile(r"\s*LoadModule\s+(\w+)_module\s", re.IGNORECASE)
_VALUE = re.compile(r"(EVENKEEL_[A-Z]+)=.*")  # ports and the like, which the inventory chooses
_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """One difference. `path` is relative to the live release, or absolute; `lost` says that a push would publish over it."""

    kind: str
    path: str
    what: str
    lost: bool = False

    def line(self) -> str:
        return "%s %s" % (self.path, self.what)


@dataclass(frozen=True)
class Shipped:
    """A file that a package brought: the MD5 that dpkg or ucf noted of it."""

    path: str
    md5: str


def counted(found: Iterable[Finding]) -> dict[str, int]:
    """How many of each kind, all kinds."""
    counts = dict.fromkeys(KINDS, 0)
    for finding in found:
        counts[finding.kind] += 1
    return counts


def stops(finding: Finding) -> bool:
    """Whether a push asks first. Links do not: a document root is its tenant's, who must not hold up the others."""
    return finding.kind != LINK


def named(found: Iterable[Finding]) -> str:
    """The first few in one line, and how many more there are."""
    lines = [finding.line() for finding in found]
    more = len(lines) - _SHOWN
    return "; ".join(lines[:_SHOWN]) + ("; and %d more" % more if more > 0 else "")


def entry_points(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    """What the files that lead services to the release must say, without comments; the roles write them."""
    current = "/etc/evenkeel/current/"
    if manifest.tier == EDGE:
        return {
            "/etc/keepalived/keepalived.conf": ("include %skeepalived/keepalived.conf" % current,),
            "/etc/default/haproxy": (
                "CONFIG=%shaproxy/release.cfg" % current,
                'EXTRAOPTS="-S /run/haproxy-master.sock -f %shaproxy/haproxy.cfg"' % current,
                "EVENKEEL_HTTP=...",
                "EVENKEEL_HTTPS=...",
                "EVENKEEL_METRICS=...",
            ),
        }
    masters = {
        "/etc/php/%s/fpm/php-fpm.conf" % version: ("include=%sphp/%s/php-fpm.conf" % (current, version),)
        for version in manifest.php_versions
    }
    apache = ("Define EVENKEEL_LISTEN 80", "Define EVENKEEL_PORT 80", "Include %sapache2/apache2.conf" % current)
    return {"/etc/apache2/apache2.conf": apache, **masters}


def effective(text: str) -> tuple[str, ...]:
    """The lines of a file that say something; what the inventory chooses reads `NAME=...`."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(_VALUE.sub(r"\1=...", line) for line in lines if line and line[0] not in "#;")


def of_entry_points(wanted: Mapping[str, tuple[str, ...]], found: Mapping[str, Optional[str]]) -> Iterator[Finding]:
    """`found` has each file's text; None where it is gone."""
    for path, lines in sorted(wanted.items()):
        text = found.get(path)
        if text is None:
            yield Finding(MISSING, path, "is gone, so that its service cannot start")
        elif effective(text) != lines:
            yield Finding(CHANGED, path, "leads its service elsewhere than to the release alone")


def conffiles(listed: str) -> Iterator[Shipped]:
    """From `dpkg-query -W -f '${db:Status-Status}\\n${Conffiles}\\n'`; only of packages that are installed."""
    installed = False
    for line in listed.splitlines():
        words = line.split()
        if not line.startswith(" "):
            installed = words[:1] == ["installed"] if words else installed
        elif installed and len(words) == 2 and _MD5.match(words[1]):  # a third word says that it is obsolete
            yield Shipped(words[0], words[1])


def ucf_files(hashes: str) -> Iterator[Shipped]:
    """From ucf's table, `/var/lib/ucf/hashfile`, which has what conffiles lack: php.ini, for instance."""
    for line in hashes.splitlines():
        words = line.split()
        if len(words) == 2 and _MD5.match(words[0]) and words[1].startswith(_PLACES):
            yield Shipped(words[1], words[0])


def watched(shipped: Iterable[Shipped], ours: Iterable[str]) -> list[Shipped]:
    """Each file once, without the entry points (`ours`) and what else the roles write."""
    known = {*ours, *_OF_ROLES}
    return sorted({one.path: one for one in shipped if one.path not in known}.values(), key=lambda one: one.path)


def of_packages(shipped: Iterable[Shipped], found: Mapping[str, Optional[str]], added: Iterable[str]) -> Iterator[Finding]:
    """`found` has each file's MD5, None where it is gone; `added` lies in a package's folder and came with none."""
    for one in shipped:
        now = found.get(one.path)
        if now is None:
            yield Finding(PACKAGE, one.path, "was brought by its package and is gone")
        elif now != one.md5:
            yield Finding(PACKAGE, one.path, "is not as its package brought it")
    for path in sorted(added):
        yield Finding(PACKAGE, path, "is read by PHP and came with no package")


def modules_loaded(dump: Iterable[str]) -> set[str]:
    """Shared modules from Apache's DUMP_MODULES."""
    return {match[1] for match in map(_LOADED.match, (line.rstrip() for line in dump)) if match}


def modules_wanted(text: str) -> set[str]:
    """What the release loads, by its own words."""
    return {match[1] for match in map(_LOAD.match, text.splitlines()) if match}


def of_modules(loaded: Iterable[str], wanted: Iterable[str]) -> Iterator[Finding]:
    for name in sorted(set(loaded) - set(wanted)):
        yield Finding(MODULE, name, "is loaded by Apache and not by the release")


def of_vhosts(vhosts: Iterable[Vhost], manifest: Manifest) -> Iterator[Finding]:
    """Vhosts that no file of the release brought; the default one of Debian is not read, and so not here."""
    told = set()
    for vhost in vhosts:
        path = spell(vhost.file)
        if (in_release(vhost.file) and path in manifest.files) or (vhost.name, path) in told:
            continue
        told.add((vhost.name, path))
        yield Finding(VHOST, path, "has the vhost %s, which is not of the release" % (vhost.name or "without a name"))


def refusal(release_id: str, found: Iterable[Finding]) -> str:
    """Why a push goes no further: what it would lose and what it would leave, and the word that each waits for."""
    findings = [finding for finding in found if stops(finding)]
    lost, left = [one for one in findings if one.lost], [one for one in findings if not one.lost]
    told = []
    if lost:
        told.append(
            "the live release %s was changed by hand on this host (%s). Put the edit into the truth and undo it here, or "
            "publish over it with -e adopt_drift=overwrite, which keeps it as a release of its own" % (release_id, named(lost))
        )
    if left:
        told.append(
            "this host differs from what Evenkeel and Debian wrote (%s), and a push does not touch that. Undo it, or go on and "
            "leave it with -e adopt_drift=%s" % (named(left), OVERWRITE if lost else KEEP)
        )
    return "; besides, ".join(told) + ". Nothing was changed; playbooks/drift.yml shows it all"
