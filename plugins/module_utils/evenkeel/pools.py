"""PHP-FPM pools as a release defines them, and what `php-fpm -t` does not see in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Callable, Optional

from .manifest import Manifest
from .plan import php_of
from .verdict import Failure

GUARD = "php_pool"
_SECTION = re.compile(r"\[(?P<name>[^\]]+)\]\s*(?:;.*)?$")
_ENTRY = re.compile(r"(?P<key>[A-Za-z_.]+(?:\[[^\]]*\])?)\s*=\s*(?P<value>.*?)\s*$")


_HARMFUL = {
    "opcache.enable": False,
    "opcache.validate_timestamps": False,
    "allow_url_include": True,
    "display_errors": True,
    "file_uploads": False,
}
_WHY = {
    "opcache.enable": "every request would compile every file anew",
    "opcache.validate_timestamps": "what a tenant uploads would never be seen",
    "allow_url_include": "PHP would run other people's code",
    "display_errors": "errors belong in the log",
    "file_uploads": "forms with a file would arrive without it",
}
_LEAST = {  # PHP settings that nobody sets so low on purpose
    "max_input_vars": (100, "forms would lose the fields beyond"),
    "session.gc_maxlifetime": (300, "visitors would be logged out while they read"),
}
_BACKLOG = 16  # visitors who wait until a process is free; -1 is as many as the system lets
_OTHERS_WRITE = 0o002
_PROGRAM = re.compile(r"\.(php\d*|phtml|phar|inc|html?)", re.IGNORECASE)
_FEWEST_REQUESTS = 20  # that a process serves before it is replaced; 0 is no limit
_WORDS = {True: ("1", "on", "yes", "true"), False: ("0", "off", "no", "false")}


@dataclass(frozen=True)
class PhpPool:
    """One section of a pool file; `file` is relative to the release, `line` that of its section."""

    name: str
    file: str
    line: int
    entries: Mapping[str, str]

    @property
    def listen(self) -> str:
        return self.entries.get("listen", "")

    @property
    def place(self) -> str:
        return "%s:%d" % (self.file, self.line)

    @property
    def master(self) -> str:
        """Pools of one master share its fate; a dedicated file is a master of its own."""
        folder, _, _ = self.file.rpartition("/")
        return self.file if folder.endswith("/dedicated") else folder.rpartition("/pool.d")[0] or folder


def parse(file: str, text: str) -> Iterator[PhpPool]:
    """The pools of one file, without [global]."""
    name, line = "", 0
    entries: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        section, entry = _SECTION.match(raw.strip()), _ENTRY.match(raw.strip())
        if section:
            if name and name != "global":
                yield PhpPool(name, file, line, entries)
            name, line, entries = section["name"].strip(), number, {}
        elif entry:
            entries[entry["key"]] = _unquoted(entry["value"])
    if name and name != "global":
        yield PhpPool(name, file, line, entries)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def pool_files(manifest: Manifest) -> list[str]:
    """What the masters of a release include: `*.conf` and nothing else."""
    pattern = re.compile(r"php/[^/]+/(php-fpm|pool\.d/[^/]+|dedicated/[^/]+)\.conf\Z")
    return sorted(path for path in manifest.files if pattern.match(path))


def check_pools(pools: Iterable[PhpPool], manifest: Manifest, is_folder: Callable[[str], bool] = os.path.isdir) -> list[Failure]:
    """Everything that stops a master, or lets a pool vanish, without a word from `php-fpm -t`."""
    known = list(pools)
    found = [failure for pool in known for failure in _dangerous(pool, manifest, is_folder)]
    found.extend(_doubles(known, manifest))
    found.extend(_missing(known, manifest))
    return found


def _dangerous(pool: PhpPool, manifest: Manifest, is_folder: Callable[[str], bool]) -> Iterator[Failure]:
    site = _site(pool, manifest)
    user = pool.entries.get("user", "")
    if user in ("", "root", "0"):
        yield Failure(site, GUARD, "the pool at %s runs as %s" % (pool.place, user or "nobody in particular"), "its own user")
    for name, value in sorted(_HARMFUL.items()):
        if _ini(pool, name) in _WORDS[value]:
            got = "the pool at %s sets %s to %s" % (pool.place, name, _ini(pool, name))
            yield Failure(site, GUARD, got, "%s, because %s" % ("off" if value else "on", _WHY[name]))
    served = pool.entries.get("pm.max_requests", "")
    if served.isdigit() and 0 < int(served) < _FEWEST_REQUESTS:
        got = "the pool at %s replaces a process after %s requests" % (pool.place, served)
        yield Failure(site, GUARD, got, "at least %d, because starting one takes longer than a page" % _FEWEST_REQUESTS)
    yield from _scanty(pool, site)
    yield from _open(pool, site)
    folder = os.path.dirname(pool.listen)
    if folder != "/run/php":
        there = "" if is_folder(folder) or not folder else ", in a folder that does not exist"
        got = "the pool at %s listens on %s%s" % (pool.place, pool.listen or "nothing", there)
        yield Failure(site, GUARD, got, "a socket in /run/php")


def _scanty(pool: PhpPool, site: Optional[str]) -> Iterator[Failure]:
    for name, (least, why) in _LEAST.items():
        if _ini(pool, name).isdigit() and int(_ini(pool, name)) < least:
            got = "the pool at %s sets %s to %s" % (pool.place, name, _ini(pool, name))
            yield Failure(site, GUARD, got, "at least %d, because %s" % (least, why))
    backlog = pool.entries.get("listen.backlog", "")
    if backlog.isdigit() and int(backlog) < _BACKLOG:
        got = "the pool at %s lets %s visitors wait" % (pool.place, backlog)
        yield Failure(site, GUARD, got, "at least %d, because more of them come at once" % _BACKLOG)


def _open(pool: PhpPool, site: Optional[str]) -> Iterator[Failure]:
    """Who may have his code run: whoever can open the socket, and whoever uploads a file that PHP takes for a program."""
    mode = pool.entries.get("listen.mode", "0660")
    if mode.isdigit() and int(mode, 8) & _OTHERS_WRITE:
        yield Failure(site, GUARD, "the pool at %s lets every user of the host in, mode %s" % (pool.place, mode), "0660")
    taken = pool.entries.get("security.limit_extensions", ".php").split()
    foreign = [word for word in taken if not _PROGRAM.fullmatch(word)]
    if foreign or not taken:
        got = "the pool at %s runs files that end in %s" % (pool.place, " ".join(foreign) or "anything")
        yield Failure(site, GUARD, got, "none but programs, because visitors upload the others")


def _ini(pool: PhpPool, name: str) -> str:
    """A PHP setting of a pool in lower case; the administrator's word counts more."""
    kinds = ("php_admin_value", "php_admin_flag", "php_value", "php_flag")
    found = [pool.entries[key] for key in ("%s[%s]" % (kind, name) for kind in kinds) if key in pool.entries]
    return found[0].lower() if found else ""


def _doubles(pools: list[PhpPool], manifest: Manifest) -> Iterator[Failure]:
    names: dict[tuple[str, str], PhpPool] = {}
    sockets: dict[str, PhpPool] = {}
    for pool in pools:
        first = names.setdefault((pool.master, pool.name), pool)
        if first is not pool:
            got = "the pool %s stands at %s and again at %s" % (pool.name, first.place, pool.place)
            yield Failure(_site(pool, manifest), GUARD, got, "one pool of that name")
        other = sockets.setdefault(pool.listen, pool)
        if other is not pool and other is not first:
            got = "the pools at %s and %s listen on the same socket" % (other.place, pool.place)
            yield Failure(_site(pool, manifest), GUARD, got, "one each")


def _missing(pools: list[PhpPool], manifest: Manifest) -> Iterator[Failure]:
    listening = {pool.listen for pool in pools}
    for site in sorted(manifest.sites):
        php = php_of(manifest, site)
        if php is not None and php["socket"] not in listening:
            got = "no pool file of the release listens on %s" % php["socket"]
            yield Failure(site, GUARD, got, "php/%s/.../%s.conf to do so" % (php["version"], site))


def _site(pool: PhpPool, manifest: Manifest) -> Optional[str]:
    entry = manifest.files.get(pool.file)
    return None if entry is None else entry.site
