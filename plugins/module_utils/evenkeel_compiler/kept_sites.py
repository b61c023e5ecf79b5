"""What each site came to when the pool was compiled last: where a site is as it was then, nothing of it is done again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from .folder import Folder
from .model import SettingsFile
from .release_files import ReleaseFile, Rendered
from .site_file import SiteFile

_ANY_BYTES = "latin-1"  # the one encoding in which every file is a text, as JSON wants it


class KeptSites:
    """By site: its checked file, its settings, what was rendered of it, its probes.

    A site's folder and secrets are its key; `ground` stands for all else that it depends on (pool, templates, compiler).
    Under another key, on another ground, or in a file that somebody touched, nothing is known. Whoever puts something
    vouches that nothing is wrong with it. What is kept is the truth of today: sites that are not met are forgotten.
    """

    def __init__(self, ground: str = "", data: bytes = b"") -> None:
        self._ground = ground
        seal, _, body = data.partition(b"\n")
        self._before: dict[str, dict[str, Any]] = json.loads(body) if seal == self._seal(body) else {}
        self._now: dict[str, dict[str, Any]] = {}

    def to_bytes(self) -> bytes:
        """JSON, in which nothing can run. It holds the secrets that the release holds."""
        body = json.dumps(self._now).encode()
        return self._seal(body) + b"\n" + body

    def file(self, folder: Folder, secrets: Mapping[str, str]) -> SiteFile | None:
        """The site's file if it was right, and is the same; everything else is asked for after this."""
        key, before = _key(folder, secrets), self._before.get(folder.name, {})
        known = self._now[folder.name] = before if before.get("key") == key else {"key": key}
        if "values" not in known:
            return None
        given = frozenset(known["given"])
        return SiteFile(folder.name, folder.source, folder.site_yml or b"", known["values"], given, dict(secrets), valid=True)

    def put_file(self, file: SiteFile) -> None:
        self._of(file.name).update(values=file.values, given=sorted(file.given))

    def settings(self, site: str) -> list[SettingsFile] | None:
        """None where they must be rendered."""
        known = self._of(site).get("settings")
        if known is None:
            return None
        return [SettingsFile(path, text.encode(_ANY_BYTES), secret) for path, text, secret in known]

    def put_settings(self, site: str, settings: Iterable[SettingsFile]) -> None:
        self._of(site)["settings"] = [[one.path, one.content.decode(_ANY_BYTES), one.secret] for one in settings]

    def rendered(self, site: str) -> Rendered | None:
        """None where it must be rendered."""
        known = self._of(site)
        if "files" not in known:
            return None
        files = {path: ReleaseFile(text.encode(_ANY_BYTES), *rest) for path, text, *rest in known["files"]}
        return Rendered(files, known["probes"].encode(_ANY_BYTES))

    def put_rendered(self, site: str, rendered: Rendered) -> None:
        files = [
            (path, file.content.decode(_ANY_BYTES), file.mode, file.group, file.site, file.secret)
            for path, file in rendered.files.items()
        ]
        self._of(site).update(files=files, probes=rendered.probes.decode(_ANY_BYTES))

    def _of(self, site: str) -> dict[str, Any]:
        return self._now.setdefault(site, {})

    def _seal(self, body: bytes) -> bytes:
        return hashlib.sha256(self._ground.encode() + b"\n" + body).hexdigest().encode()


def _key(folder: Folder, secrets: Mapping[str, str]) -> str:
    contents = [folder.site_yml or b"", *folder.settings.values()]
    sizes = [len(content) for content in contents]
    total = hashlib.sha256(json.dumps([folder.source, sizes, list(folder.settings), sorted(secrets.items())]).encode())
    for content in contents:
        total.update(content)
    return total.hexdigest()
