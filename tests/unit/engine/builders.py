"""Small releases and payloads, made by hand, and the ports of a host that is a folder."""

from __future__ import annotations

import getpass
import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from plugins.module_utils.evenkeel import manifest as manifests
from plugins.module_utils.evenkeel.host import Result
from plugins.module_utils.evenkeel.manifest import FileEntry, Manifest

USER = getpass.getuser()
Files = Mapping[str, bytes]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def facts(name: str, php: Optional[Mapping[str, str]] = None, **more: Any) -> dict[str, Any]:
    home = "/srv/www/" + name
    found = {
        "kind": "php" if php else "static",
        "state": "active",
        "server_name": name + ".example",
        "aliases": [],
        "user": USER,
        "home": home,
        "document_root": home + "/public",
        "php": dict(php) if php else None,
        "vhosts": [name + ".example"],
        "source": "sites/%s/site.yml" % name,
    }
    return {**found, **more}


def shared(name: str, version: str = "8.2") -> dict[str, str]:
    return {"version": version, "isolation": "shared", "socket": "/run/php/%s.sock" % name}


def dedicated(name: str, version: str = "8.2") -> dict[str, str]:
    return {**shared(name, version), "isolation": "dedicated"}


def probe(name: str = "front page", **more: Any) -> dict[str, Any]:
    return {"name": name, "host": "x.example", "path": "/", "expect": {"status": [200]}, **more}


class Draft:
    """A release that is being written: sites with their files, and what belongs to the pool."""

    def __init__(self, php_versions: Sequence[str] = ("8.2",)) -> None:
        self.php_versions = tuple(php_versions)
        self.contents: dict[str, bytes] = {"apache2/apache2.conf": b"ServerName localhost\n"}
        self.owners: dict[str, str] = {}
        self.secrets: set[str] = set()
        self.sites: dict[str, dict[str, Any]] = {}
        self.probes: dict[str, list[dict[str, Any]]] = {}

    def pool_file(self, path: str, content: bytes) -> Draft:
        self.contents[path] = content
        return self

    def site(self, name: str, php: Optional[Mapping[str, str]] = None, **more: Any) -> Draft:
        self.sites[name] = facts(name, php, **more)
        self.probes[name] = [probe()]
        self.file(name, "apache2/sites/%s.conf" % name, b"<VirtualHost *>\n</VirtualHost>\n")
        if php:
            folder = "pool.d" if php["isolation"] == "shared" else "dedicated"
            self.file(name, "php/%s/%s/%s.conf" % (php["version"], folder, name), b"[%s]\n" % name.encode())
        return self

    def settings(self, site: str, path: str, content: bytes, secret: bool = False) -> Draft:
        return self.file(site, "settings/%s/%s" % (site, path), content, secret)

    def file(self, site: str, path: str, content: bytes, secret: bool = False) -> Draft:
        self.contents[path] = content
        self.owners[path] = site
        if secret:
            self.secrets.add(path)
        return self

    def files(self) -> dict[str, bytes]:
        return {**self.contents, manifests.PROBES: manifests.probes_bytes(self.probes)}

    @property
    def manifest(self) -> Manifest:
        entries = {path: self._entry(path, content) for path, content in self.files().items()}
        return Manifest("web", self.php_versions, entries, self.sites)

    @property
    def id(self) -> str:
        return self.manifest.id

    def _entry(self, path: str, content: bytes) -> FileEntry:
        secret = path in self.secrets
        return FileEntry(sha256(content), "0640" if secret else "0644", "root", self.owners.get(path), secret)

    def payload(self, folder: Path) -> str:
        return write_payload(folder / (self.id + ".tar.gz"), self.members())

    def members(self) -> list[tuple[tarfile.TarInfo, bytes]]:
        named = [(manifests.MANIFEST, self.manifest.to_bytes()), *sorted(self.files().items())]
        return [member(name, content) for name, content in named]


def member(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content), kind, link
    return info, content


def tar(members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return plain.getvalue()


def write_payload(path: Path, members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> str:
    path.write_bytes(gzip.compress(tar(members), mtime=0))
    return str(path)


class Scripted:
    """A Runner that knows the systemd of a story: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Result] = {}

    def run(self, command: Sequence[str], timeout_s: float = 60, env: Optional[Mapping[str, str]] = None) -> Result:
        text = " ".join(command)
        self.asked.append(text)
        for start, answer in self.answers.items():
            if text.startswith(start):
                return answer
        return Result(0, "", "")

    def says(self, start: str, status: int = 0, output: str = "") -> None:
        self.answers[start] = Result(status, output, "")


class Standing:
    """A clock that a test moves."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 0.01)
