"""Settings files that a push brings and that were meant for nobody's eyes: copies, dumps, keys, and pages that tell all of PHP.

`neighbours` compares with live, which does not have what is new; so the twin alone is asked for these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from .plan import Change
from .probe import Expect, Probe
from .prober import Prober
from .release import Release
from .verdict import Failure

GUARD = "exposure"
_SERVED = (200, 206)
_MOST = 40
_PRIVATE = re.compile(
    r"(?i)(^|/)\.(env|git|svn|hg|ssh|aws|htpasswd|bash_history)(?![a-z])|(^|/)id_(rsa|ed25519)$"
    r"|(~|\.(bak|orig|save|sw[op]|sql|sql\.gz|dump|old))$"
)
_PHPINFO = re.compile(rb"\bphpinfo\s*\(")
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_SMALL = 2048  # bytes; a larger program may show it to those who logged in


def check(live: Release, candidate: Release, change: Change, there: Prober) -> list[Failure]:
    """Those of new files that the twin shows to everybody."""
    found = [probe for site in change.touched for probe in _new(live, candidate, site)][:_MOST]
    shown = [(probe, answer.status) for probe, answer in zip(found, there.ask(found)) if answer.status in _SERVED]
    return [
        Failure(
            probe.site, GUARD, "answered %s, so that everybody can read it" % status, "404", probe.name, probe.host + probe.path
        )
        for probe, status in shown
    ]


def _new(live: Release, candidate: Release, site: str) -> Iterator[Probe]:
    facts = candidate.manifest.sites.get(site)
    prefix = "settings/%s/" % site
    names: Sequence[str] = [] if facts is None else sorted(candidate.manifest.site_files(site))
    for name in names:
        path = name[len(prefix) :]
        if (
            facts is not None
            and name.startswith(prefix)
            and name not in live.manifest.files
            and _is_private(candidate, name, path)
        ):
            url = "/" + quote(path)
            yield Probe(site, "file " + url, str(facts["server_name"]), url, Expect(status=_SERVED))


def _is_private(candidate: Release, name: str, path: str) -> bool:
    if _PRIVATE.search(path):
        return True
    text = _beginning(candidate.file(name))
    tells = path.endswith(".php") and len(text) <= _SMALL and _PHPINFO.search(text) is not None
    return tells or _KEY.search(text) is not None


def _beginning(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read(_SMALL + 1)
    except OSError:
        return b""
