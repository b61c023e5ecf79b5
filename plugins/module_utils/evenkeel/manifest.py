"""What a release consists of. Its bytes are canonical, and their hash is the release's name."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Callable, Optional

from .errors import InvalidRelease

FORMAT = 1
ID_PATTERN = re.compile(r"[0-9a-f]{12}\Z")
SITE_PATTERN = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")
_PATH_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+-]{0,200}\Z")
_SETTINGS_PART = re.compile(r"[A-Za-z0-9._@+-]{1,200}\Z")  # a settings file may be hidden: .user.ini, .htaccess
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_MODE = re.compile(r"0[0-7]{3}\Z")
_PHP_VERSION = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\Z")
_FOLDER = re.compile(r"(/[A-Za-z0-9_][A-Za-z0-9._-]{0,100}){1,20}\Z")
_ISOLATIONS = ("shared", "dedicated")
_GROUP = re.compile(r"[a-z_][a-z0-9_-]{0,31}\Z")
PROBES = "probes.json"
PROBES_FRAME = (b'{"format":1,"sites":{', b"}}\n")  # around one line per site
MANIFEST = "manifest.json"
MAPS = "haproxy/maps/"
CERTIFICATES = "haproxy/certificates/"
SERVERS = "haproxy/servers.list"
WEB = "web"
EDGE = "edge"
STAMPS = {WEB: "apache2/release.conf", EDGE: "haproxy/release.cfg"}  # tells a server which release it reads; outside the id


@dataclass(frozen=True)
class FileEntry:
    """One file of a release; `site` is None for what belongs to the pool as a whole."""

    sha256: str
    mode: str
    group: str
    site: Optional[str]
    secret: bool


@dataclass(frozen=True)
class Manifest:
    """The files and sites of one release. `sites` maps names to plain facts, see docs/engineers.md."""

    pool: str
    php_versions: tuple[str, ...]
    files: Mapping[str, FileEntry]
    sites: Mapping[str, Mapping[str, Any]]
    tier: str = WEB

    @property
    def stamp(self) -> str:
        """The one file of the release that is written when it is staged, and is not part of its name."""
        return STAMPS[self.tier]

    def site_files(self, site: str) -> dict[str, FileEntry]:
        return {path: entry for path, entry in self.files.items() if entry.site == site}

    def pool_files(self) -> dict[str, FileEntry]:
        """Files of the pool as a whole, but for the probes, which are compared site by site."""
        return {path: entry for path, entry in self.files.items() if entry.site is None and path != PROBES}

    def to_bytes(self) -> bytes:
        """Canonical JSON: the same manifest gives the same bytes on any machine."""
        document = {
            "format": FORMAT,
            "pool": self.pool,
            "php_versions": list(self.php_versions),
            "files": {path: _file_document(entry) for path, entry in self.files.items()},
            "sites": {name: dict(facts) for name, facts in self.sites.items()},
        }
        if self.tier != WEB:
            document["tier"] = self.tier
        return canonical(document)

    @functools.cached_property
    def id(self) -> str:
        return release_id(self.to_bytes())


def canonical(document: Any) -> bytes:
    """The one spelling of a JSON document that is hashed."""
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True) + "\n").encode()


def release_id(manifest_bytes: bytes) -> str:
    """The name of a release: the first 12 hexadecimal digits of its manifest's SHA-256."""
    return hashlib.sha256(manifest_bytes).hexdigest()[:12]


def from_bytes(data: bytes) -> Manifest:
    """Parse and check a manifest; InvalidRelease when it is not one that the compiler could have written."""
    try:
        document = json.loads(data)
        manifest = Manifest(
            pool=str(document["pool"]),
            php_versions=tuple(str(version) for version in document["php_versions"]),
            files={str(path): _file_entry(raw) for path, raw in document["files"].items()},
            sites={str(name): dict(facts) for name, facts in document["sites"].items()},
            tier=str(document.get("tier", WEB)),
        )
        _check(manifest)
        if document["format"] != FORMAT:
            raise InvalidRelease("manifest.json has format %r; this engine knows %d" % (document["format"], FORMAT))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidRelease("manifest.json cannot be read: %s: %s" % (type(error).__name__, error)) from error
    if manifest.to_bytes() != data:
        raise InvalidRelease("manifest.json is not in its canonical form")
    vars(manifest)["id"] = release_id(data)  # what `id` would write the whole manifest for once more
    return manifest


def without_sites(manifest: Manifest) -> Manifest:
    """The genesis release: what serves nobody's content. Some of its files are replaced by `emptied`."""
    files = {path: entry for path, entry in manifest.files.items() if entry.site is None}
    files.update({path: _with_content(files[path], content) for path, content in emptied(manifest).items()})
    return replace(manifest, files=files, sites={})


def emptied(manifest: Manifest) -> dict[str, bytes]:
    """What stands for files that speak of sites where there are none: probes, and the maps of balancers."""
    maps = {path: b"" for path in manifest.files if path.startswith(MAPS)}
    return {**maps, PROBES: empty_probes()}


def hold_back(live: Manifest, candidate: Manifest, sites: set[str], probes: bytes) -> Manifest:
    """`candidate`, but for `sites`, which keep what they have in `live` (or stay away); `probes` are merged already."""
    kept = {path: entry for path, entry in live.files.items() if entry.site in sites}
    files = {path: entry for path, entry in candidate.files.items() if entry.site not in sites}
    files.update(kept)
    files[PROBES] = _with_content(files[PROBES], probes)
    facts = {name: value for name, value in candidate.sites.items() if name not in sites}
    facts.update({name: live.sites[name] for name in sites if name in live.sites})
    versions = set(candidate.php_versions) | set(live.php_versions if kept else ())
    return replace(candidate, php_versions=tuple(sorted(versions)), files=files, sites=facts)


def empty_probes() -> bytes:
    return probes_bytes({})


def probes_bytes(sites: Mapping[str, list[dict[str, Any]]]) -> bytes:
    """probes.json of these probes."""
    return probes_file({name: canonical(probes) for name, probes in sites.items()})


def probes_file(sites: Mapping[str, bytes]) -> bytes:
    """probes.json of each site's probes in canonical form: one line per site, so that a diff of it names the site."""
    start, end = PROBES_FRAME
    lines = [json.dumps(name).encode() + b":" + sites[name].rstrip(b"\n") for name in sorted(sites)]
    return start + (b"\n" + b",\n".join(lines) + b"\n" if lines else b"") + end


def _with_content(entry: FileEntry, content: bytes) -> FileEntry:
    return FileEntry(hashlib.sha256(content).hexdigest(), entry.mode, entry.group, entry.site, entry.secret)


def _file_document(entry: FileEntry) -> dict[str, Any]:
    document: dict[str, Any] = {
        "sha256": entry.sha256,
        "mode": entry.mode,
        "group": entry.group,
        "secret": entry.secret,
    }
    if entry.site is not None:
        document["site"] = entry.site
    return document


def _file_entry(raw: Mapping[str, Any]) -> FileEntry:
    site = raw.get("site")
    return FileEntry(
        sha256=str(raw["sha256"]),
        mode=str(raw["mode"]),
        group=str(raw["group"]),
        site=None if site is None else str(site),
        secret=bool(raw["secret"]),
    )


def _check(manifest: Manifest) -> None:
    _require(manifest.tier in STAMPS, "tier", "value", manifest.tier)
    for path, entry in manifest.files.items():
        check_path(path)
        _require(_SHA256.match(entry.sha256), path, "sha256", entry.sha256)
        _require(_MODE.match(entry.mode) and not int(entry.mode, 8) & 0o022, path, "mode", entry.mode)
        _require(_GROUP.match(entry.group), path, "group", entry.group)
        _require(entry.site is None or entry.site in manifest.sites, path, "site", entry.site)
    for name, facts in manifest.sites.items():
        _require(SITE_PATTERN.match(name), "sites", "name", name)
        if manifest.tier == WEB:
            _check_facts(name, facts)
    for version in manifest.php_versions:
        _require(_PHP_VERSION.match(version), "php_versions", "version", version)
    _require(PROBES in manifest.files, PROBES, "file", "missing")


def _check_facts(site: str, facts: Mapping[str, Any]) -> None:
    """What the engine builds unit names and paths from, as root."""
    home, root, php = str(facts["home"]), str(facts["document_root"]), facts["php"]
    _require(_GROUP.match(str(facts["user"])), site, "user", facts["user"])
    _require(_FOLDER.match(home), site, "home", home)
    _require(root == home or (root.startswith(home + "/") and _FOLDER.match(root)), site, "document_root", root)
    learn = facts.get("learn") or {}
    _require(isinstance(learn, dict), site, "learn", learn)
    _require(isinstance(learn.get("exclude", []), list) and isinstance(learn.get("headers", {}), dict), site, "learn", learn)
    if php is not None:
        _require(_PHP_VERSION.match(str(php["version"])), site, "php version", php["version"])
        _require(php["isolation"] in _ISOLATIONS, site, "php isolation", php["isolation"])
        _require(_FOLDER.match(str(php["socket"])), site, "php socket", php["socket"])


def check_path(path: str) -> None:
    """Refuse a path that could leave the release folder or surprise a shell."""
    parts = path.split("/")
    pattern: Callable[[str], Any] = _SETTINGS_PART.match if parts[0] == "settings" else _PATH_PART.match
    if len(path) > 400 or path in (MANIFEST, *STAMPS.values()) or not all(pattern(p) and p not in (".", "..") for p in parts):
        raise InvalidRelease("manifest.json names the path %r, which a release cannot hold" % path[:80])


def _require(condition: Any, where: str, field: str, value: Any) -> None:
    if not condition:
        raise InvalidRelease("manifest.json: %s has the %s %r, which is not allowed" % (where, field, str(value)[:80]))
