"""Password files as a release brings them: Apache refuses a user whose hash it cannot read, whatever he types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .apache_config import ApacheConfig
from .manifest import Manifest
from .spelling import spell

_LETTER = "[./0-9A-Za-z]"
_HASH = re.compile(  # what apr_password_validate(3) and crypt(5) of Linux know
    "|".join(
        word.replace("@", _LETTER)
        for word in (
            r"\$(?:apr1|1)\$@{1,8}\$@{22}",
            r"\$2[abxy]\$\d\d\$@{53}",
            r"\{SHA\}[A-Za-z0-9+/]{27}=",
            r"\$5\$(?:rounds=\d+\$)?[^$:]{1,16}\$@{43}",
            r"\$6\$(?:rounds=\d+\$)?[^$:]{1,16}\$@{86}",
            r"\$(?:y|gy|7)\$[./0-9A-Za-z$]+",
            r"@{13}",
            r"_@{19}",
            r"[!*x]{0,2}",  # a user who is locked out on purpose
        )
    )
)


def unreadable(config: ApacheConfig, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Places (file and line) of the release's own password files, and what is wrong there."""
    for file in sorted({directive.first for directive in config.named("authuserfile")}):
        if spell(file) in manifest.files:
            for number, user in _without_hash(file):
                yield "%s:%d" % (spell(file), number), "no password lets %s in, because its hash is none that Apache knows" % user


def _without_hash(file: str) -> Iterator[tuple[int, str]]:
    with open(file, encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, 1):
            user, _, said = line.rstrip("\r\n").partition(":")
            if user.strip() and not user.startswith("#") and _HASH.fullmatch(said.partition(":")[0].strip()) is None:
                yield number, user[:40]
