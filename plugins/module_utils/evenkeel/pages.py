"""The status page as a balancer keeps it: the last copy that monitoring has made, replaced in one step."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import zlib
from typing import IO

from .errors import EvenkeelError
from .host import Host

FOLDER = "/var/lib/evenkeel-status-page"
SHOWN = "public"  # a link to one of the two copies
_COPIES = ("one", "two")
LARGEST = 256 << 20  # bytes of all pages together
_FILE = re.compile(r"(?:site/[0-9a-f]{32}|[a-z][a-z0-9_-]{0,60})\.html\Z")


class PagesRefused(EvenkeelError):
    """What came is not a status page; the one that was there is shown on."""


def keep(host: Host, packed: IO[bytes]) -> int:
    """Unpack a compressed archive of pages and show them from now on; how many there are. PagesRefused, or OSError."""
    folder = host.paths.at(FOLDER)
    if not os.path.isdir(folder):
        raise PagesRefused("no status page is shown on this host; run playbooks/watch.yml")
    shown = os.path.join(folder, SHOWN)
    name = next(name for name in _COPIES if not (os.path.islink(shown) and os.readlink(shown) == name))
    shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    try:
        count = _unpack(packed, os.path.join(folder, name))
    except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
        raise PagesRefused("the pages cannot be read (%s)" % error) from error
    host.disk.point(shown, name)
    return count


def _unpack(packed: IO[bytes], folder: str) -> int:
    count, left = 0, LARGEST
    os.makedirs(os.path.join(folder, "site"), 0o755)
    with tarfile.open(fileobj=packed, mode="r|gz") as archive:
        for member in archive:
            left -= member.size
            content = archive.extractfile(member) if member.isreg() and _FILE.match(member.name) else None
            if content is None or left < 0:
                raise PagesRefused("%r is no page, or they are too large" % member.name[:80])
            with open(os.path.join(folder, member.name), "wb") as stream:
                shutil.copyfileobj(content, stream)
            count += 1
    if not os.path.isfile(os.path.join(folder, "index.html")):
        raise PagesRefused("there is no page to begin with")
    return count
