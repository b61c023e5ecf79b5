"""A release of the faults' own fleet: the truth, compiled, and its house templates in the place of what was rendered."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from plugins.module_utils.evenkeel.errors import InvalidRelease
from plugins.module_utils.evenkeel.manifest import PROBES, FileEntry, Manifest, check_path, probes_bytes
from plugins.module_utils.evenkeel_compiler import truth
from plugins.module_utils.evenkeel_compiler.build import TEMPLATES
from plugins.module_utils.evenkeel_compiler.compile import Release, compile_pool
from plugins.module_utils.evenkeel_compiler.model import Pool
from plugins.module_utils.evenkeel_compiler.payload import payload
from plugins.module_utils.evenkeel_compiler.pool import pool_view
from plugins.module_utils.evenkeel_compiler.release_files import ReleaseFile, entry
from plugins.module_utils.evenkeel_compiler.render import TARGET, RenderFailed, environment
from tests.faults.collection import BadFault
from tests.faults.edits import FOLDERS, Applied
from tests.faults.layout import TRUTH, Layout

PROJECT = Path(__file__).resolve().parents[2]
DIRS = tuple(PROJECT / folder for folder in TEMPLATES)
_INTO = {"house/php/php.ini": "php/8.2/pool.d/app.conf"}  # where the lines of a file that is not shipped come to stand
_STAMP = """  Header always set Evenkeel-Site "%s" "expr=${EVENKEEL_PROBER}"
  CustomLog ${APACHE_LOG_DIR}/access.log evenkeel
</VirtualHost>"""
NOT_SHIPPED = re.compile(r"probes\.yml|php/[^/]*php\.[^/]*")


class NotRendered(Exception):
    """What the compiler would refuse of a house template."""


def copy_truth(folder: Path, certificates: Path, source: Path = TRUTH) -> None:
    """A truth to edit; its certificates are made on this machine."""
    shutil.copytree(source, folder, symlinks=True)
    for name in ("app", "secure"):
        for kind in ("crt", "key"):
            target = folder / "house/apache2/tls" / f"{name}.{kind}"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(certificates / target.name, target)


def build(folder: Path, layout: Layout, applied: Applied, pool: Pool) -> tuple[Release, bytes]:
    """The release of the truth in `folder`, and its payload. Raises TruthInvalid, RenderFailed or NotRendered."""
    add_aliases(folder, layout)
    loaded = truth.load(folder / "sites", pool)
    rendered = compile_pool(loaded, pool, DIRS)
    files = dict(_kept(rendered, layout))
    words = _Words(folder / "house", rendered, layout, pool_view(pool, list(loaded.sites)))
    files.update(words.files())
    files[PROBES] = ReleaseFile(_probes(rendered, folder / "house/probes.yml"))
    files[FOLDERS] = replace(files[FOLDERS], content=_folders(files[FOLDERS].content, applied.folders))
    release = _release(rendered, dict(sorted(files.items())), applied)
    return release, payload(release)


def add_aliases(folder: Path, layout: Layout) -> None:
    """A name that an edit adds to a vhost is added where a person writes names: in site.yml, which the release is held to."""
    for path in sorted((folder / "house/apache2/sites").glob("*.conf")):
        site = layout.owner(f"apache2/sites/{path.name}")
        old = TRUTH / "house/apache2/sites" / path.name
        file = folder / f"sites/{site}/site.yml"
        if site is None or not old.is_file() or not path.is_file() or not file.is_file():
            continue
        added = sorted(_aliases(path) - _aliases(old))
        if added:
            values = yaml.safe_load(file.read_text(encoding="utf-8"))
            values.update(aliases=[*values.get("aliases", []), *added], canonical=False)
            file.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")


def _aliases(path: Path) -> set[str]:
    """Plain host names after ServerAlias; a pattern is nothing that a site file could say."""
    lines = re.findall(r"(?m)^\s*ServerAlias\s+(.+)$", path.read_bytes().decode("latin-1"))
    return {name for line in lines for name in line.split() if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", name)}


def release_path(place: str) -> str:
    """The path inside the release of a file of the truth; its own name for what is no part of a release."""
    if place.startswith("sites/") and "/settings/" in place:
        return place.replace("sites/", "settings/", 1).replace("/settings/", "/", 1)
    if place.startswith("edge/"):
        return place.replace("edge/", "haproxy/", 1)
    return _INTO.get(place, place.removeprefix("house/"))


def _kept(rendered: Release, layout: Layout) -> Iterator[tuple[str, ReleaseFile]]:
    """What no house template takes the place of."""
    house = TRUTH / "house"
    replaced = {str(path.relative_to(house)) for path in house.rglob("*") if path.is_file()}
    owned = {site for _, site in layout.owners}
    for path, file in rendered.files.items():
        if path not in replaced and (file.site not in owned or path.startswith("settings/")):
            yield path, file


class _Words:
    """House templates with their words filled in."""

    def __init__(self, house: Path, rendered: Release, layout: Layout, view: Any) -> None:
        self._house = house
        self._layout = layout
        self._sites = set(rendered.manifest.sites)
        macros = environment(DIRS)

        def macro(name: str, *values: Any) -> str:
            return str(getattr(macros.get_template(f"{TARGET}apache2/macros/{name}.conf.j2").module, name)(*values))

        master = rendered.files["php/8.2/php-fpm.conf"].content.decode()
        self._own = {
            "@evenkeel:defines@": macro("defines", view),
            "@evenkeel:stamps@": macro("stamps") + "".join(re.findall(r"(?m)^LogFormat .*\n", macro("logging"))),
            "@evenkeel:default_vhost@": macro("default_vhost", view),
            "@evenkeel:fpm_ping@": master[master.index("[evenkeel]") :],
            "@php.ini@": self._php_ini(),
        }

    def files(self) -> Iterator[tuple[str, ReleaseFile]]:
        for path in sorted(self._house.rglob("*")):
            name = str(path.relative_to(self._house))
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise NotRendered(f"{name}: a release holds regular files only, this is none")
            if path.is_file() and not NOT_SHIPPED.fullmatch(name):
                yield self._file(name, path.read_bytes())

    def _file(self, name: str, content: bytes) -> tuple[str, ReleaseFile]:
        try:
            check_path(name)
        except InvalidRelease as error:
            raise NotRendered(str(error)) from error
        text = content.decode("latin-1")  # one character a byte, whatever a fault put there
        for word, meaning in self._own.items():
            text = text.replace(word, meaning)
        site = self._layout.owner(name)
        if site is not None and "/sites/" in name:
            text = text.replace("</VirtualHost>", _STAMP % site)
        secret = name.endswith(".key")
        filled = self._layout.fill(text).encode("latin-1")
        private = secret or "/htpasswd/" in name
        mode, group = ("0640", "www-data") if private else ("0644", "root")
        return name, ReleaseFile(filled, mode, group, site if site in self._sites else None, secret)

    def _php_ini(self) -> str:
        """Lines of php.ini as a pool takes them; without the file there is nothing to say."""
        path = self._house / "php/php.ini"
        lines = path.read_bytes().decode("latin-1").splitlines() if path.is_file() else []
        lines = [line for line in lines if line.replace(" ", "") != "opcache.enable=1"]  # no pool can say that
        return "\n".join(re.sub(r"^\s*([A-Za-z_][\w.]*)\s*=\s*(.*)$", r"php_admin_value[\1] = \2", line) for line in lines)


def _folders(content: bytes, modes: Mapping[str, str]) -> bytes:
    """The folders that the release makes, some with other rights. Raises BadFault for one that it does not make."""
    text = content.decode()
    for path, mode in modes.items():
        text, count = re.subn(rf"(?m)^(d {re.escape(path)}) \d{{4}} ", rf"\g<1> {mode} ", text)
        if not count:
            raise BadFault(f"chmod: {path} is no folder that the release makes; its rights are the host's own affair")
    return text.encode()


def _probes(rendered: Release, more: Path) -> bytes:
    """Derived and own probes of every site, and those of the house."""
    sites = json.loads(rendered.files[PROBES].content)["sites"]
    for site, probes in yaml.safe_load(more.read_text(encoding="utf-8")).items():
        blank = {"method": "GET", "headers": {}, "body": None}
        sites.setdefault(site, []).extend({**blank, **probe} for probe in probes)
    return probes_bytes(sites)


def _release(rendered: Release, files: dict[str, ReleaseFile], applied: Applied) -> Release:
    """The manifest and its name, as the compiler would have written them."""
    manifest = Manifest(
        pool=rendered.manifest.pool,
        php_versions=rendered.manifest.php_versions,
        files={path: _entry(path, file, applied) for path, file in files.items()},
        sites=rendered.manifest.sites,
    )
    return Release(manifest.id, manifest, manifest.to_bytes(), files)


def _entry(path: str, file: ReleaseFile, applied: Applied) -> FileEntry:
    made = entry(file, hashlib.sha256(file.content).hexdigest())
    modes = {release_path(place): mode for place, mode in applied.modes.items()}
    groups = {release_path(place): group for place, group in applied.groups.items()}
    return FileEntry(made.sha256, modes.get(path, made.mode), groups.get(path, made.group), made.site, made.secret)


__all__ = ["NotRendered", "RenderFailed", "build", "copy_truth", "release_path"]
