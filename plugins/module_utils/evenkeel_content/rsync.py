"""rsync's command lines, and how they end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from typing import Optional

from .config import Config, Paths, Site
from .errors import ContentError, OriginAway
from .listing import FORMAT

MODULE = "www"
GROUP = "www-data"
VANISHED = 24  # a tenant deleted a file while it was read: the next run sees the rest
AWAY = {5, 10, 12, 30, 35, 255}  # no module, socket, protocol, timeouts, ssh
NO_ROOM = "No space left on device"
# Times of folders change by links that engines make, so they mean nothing.
_COMPARE = ("--recursive", "--perms", "--times", "--omit-dir-times", "--owner", "--group", "--super", "--itemize-changes")


def look(config: Config, paths: Paths, skipped: Iterable[str]) -> list[str]:
    """What differs in any site; changes nothing."""
    patterns = [*("/*%s" % name for name in ("/sessions/", "/tmp/", "/.evenkeel-kept/")), *("/%s/" % name for name in skipped)]
    options = ["--dry-run", "--links", "--delete", *_excluded(patterns), *_told()]
    return [*_command(config, paths), *options, _remote(config), config.sites_root + "/"]


def plan(config: Config, paths: Paths, site: Site, patterns: Iterable[str]) -> list[str]:
    """What copying one site would do."""
    options = ["--dry-run", "--links", "--delete", *_owners(site), *_excluded(patterns), *_told()]
    return [*_command(config, paths), *options, _remote(config, site), site.home + "/"]


def copy(config: Config, paths: Paths, site: Site, patterns: Iterable[str], bounds: Sequence[str]) -> list[str]:
    """Folders and files, but no symlink: one that the engine made while this runs must not come along.

    A symlink at the origin keeps what is here under its name; `links` brings those that are the tenant's.
    """
    options = ["--delete-delay", "--delay-updates", *bounds, *_owners(site), *_excluded(patterns), *_told()]
    return [*_command(config, paths), *options, _remote(config, site), site.home + "/"]


def links(config: Config, paths: Paths, site: Site) -> list[str]:
    """The symlinks whose names stand in the standard input, separated by NUL."""
    names = ["--links", "--files-from=-", "--from0", "--no-implied-dirs", "--no-recursive", "--force"]
    return [*_command(config, paths), *names, *_owners(site), *_told(), _remote(config, site), site.home + "/"]


def run(argv: list[str], stdin: bytes = b"") -> str:
    """What rsync printed. OriginAway where nobody answered, ContentError where it did not do all of its work."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"}
    done = subprocess.run(argv, input=stdin, capture_output=True, env=environment, check=False)
    if done.returncode in (0, VANISHED):
        return done.stdout.decode("utf-8", "surrogateescape")
    told = done.stderr.decode("utf-8", "replace").strip()
    raise failure(done.returncode, told)


def failure(code: int, told: str) -> ContentError:
    """What rsync's exit status and last words mean."""
    words = "; ".join(told.splitlines()[:3]) or "rsync ended with exit status %d" % code
    if NO_ROOM in told:
        return ContentError("The disk is full: %s. What visitors see is what they saw before; make room" % words)
    kind = OriginAway if code in AWAY and not told.startswith("rsync: [receiver]") else ContentError
    return kind(words)


def _command(config: Config, paths: Paths) -> list[str]:
    limit = ["--bwlimit=%d" % config.bandwidth_kib_s] if config.bandwidth_kib_s else []
    return ["rsync", *_COMPARE, *limit, "--timeout=60", "--rsh=%s -F %s" % (paths.ssh, paths.ssh_config)]


def _remote(config: Config, site: Optional[Site] = None) -> str:
    return "%s::%s/%s" % (config.origin, MODULE, os.path.relpath(site.home, config.sites_root) + "/" if site else "")


def _owners(site: Site) -> list[str]:
    """Owners go by name. One that this host does not have becomes the site's own user, never another with the same number.

    No file comes with set-user-ID or set-group-ID; folders keep theirs, which is how www-data gets to read new files.
    """
    users = "root:root,%s:%s,%s:%s,*:%s" % (GROUP, GROUP, site.user, site.user, site.user)
    return ["--usermap=" + users, "--groupmap=" + users, "--chmod=Fug-s", "--no-devices", "--no-specials"]


def _excluded(patterns: Iterable[str]) -> list[str]:
    return ["--exclude=" + pattern for pattern in patterns]


def _told() -> list[str]:
    return ["--stats", "--no-human-readable", "--out-format=" + FORMAT]
