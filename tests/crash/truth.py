"""Three small sites in two versions, and their releases: all that a version says can be seen in every answer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from plugins.module_utils.evenkeel_compiler import build, truth

PROJECT = Path(__file__).resolve().parents[2]
SITES = ("brochure", "notes", "till")
PHP_PAGE = '<?php $c = require __DIR__ . "/conf/site.php"; echo "settings=$c pool=", ini_get("memory_limit"), "\\n";\n'
PAGES = {
    "brochure": ("index.html", "<h1>Brochure</h1>\n"),
    "notes": ("index.php", PHP_PAGE),
    "till": ("index.php", PHP_PAGE),
}


@dataclass(frozen=True)
class Version:
    """How one release differs from another. `pool` is visible through PHP's memory_limit."""

    name: str
    pool: str
    isolation: str = "dedicated"
    extra_settings: bool = False


OLD = Version("old", "64M")
NEW = Version("new", "96M", extra_settings=True)
SHARED = Version("shared", "80M", isolation="shared")


def compile_version(version: Version, folder: Path) -> tuple[str, Path]:
    """The id and the payload of a version."""
    os.umask(0o022)
    write_sites(version, folder / version.name / "sites")
    made = build.build(
        build.Order(
            project=PROJECT,
            environment=version.name,
            pool=truth.pool_from({"name": "web"}),
            sites_dir=folder / version.name / "sites",
            build_dir=folder / "build",
            template_dirs=build.template_dirs(PROJECT),
            secrets={},
        )
    )
    return made.id, made.payload


def write_sites(version: Version, folder: Path) -> None:
    """A static site with a settings file; PHP in the shared master; PHP with a master of its own."""
    put(folder / "brochure/site.yml", site(version, "brochure", "static", ""))
    put(folder / "brochure/settings/version.txt", f"settings={version.name}\n")
    put(folder / "notes/site.yml", site(version, "notes", "php", php(version, "shared")))
    put(folder / "notes/settings/conf/site.php", f'<?php return "{version.name}";\n')
    put(folder / "till/site.yml", site(version, "till", "php", php(version, version.isolation)))
    put(folder / "till/settings/conf/site.php", f'<?php return "{version.name}";\n')
    if version.extra_settings:
        put(folder / "till/settings/conf/more/only_here.txt", "only in this version\n")


def site(version: Version, name: str, kind: str, more: str) -> str:
    return f"server_name: {name}.example\nkind: {kind}\nheaders: {{X-Version: {version.name}}}\n{more}"


def php(version: Version, isolation: str) -> str:
    return f"php: {{isolation: {isolation}, max_children: 3, settings: {{memory_limit: {version.pool}}}}}\n"


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
