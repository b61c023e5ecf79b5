"""Reads the folder of sites: what is there, and what should not be."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import file_bytes
from .errors import Problem, printable
from .schema import did_you_mean
from .yamlfile import MAX_BYTES

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")
MAX_SETTINGS_BYTES = 1024 * 1024
MAX_SETTINGS_DEPTH = 12
TOP = {"site.yml", "settings", "README.md"}


@dataclass
class Folder:
    """One site's folder. `source` is site.yml's path relative to the inventory; `settings` has paths below it."""

    name: str
    source: str
    site_yml: bytes | None = None
    settings: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, below: str, allowed: str) -> None:
        """Something is wrong with a whole file of the folder."""
        self.problems.append(Problem(self.source.replace("site.yml", printable(below)), 0, "", "", allowed))


def read_all(sites_dir: Path) -> tuple[list[Folder], list[Problem]]:
    """Every site's folder below `sites_dir`, ordered by name, and what is wrong with the rest."""
    folders: list[Folder] = []
    strays: list[Problem] = []
    for entry in _listed(sites_dir):
        path = f"{sites_dir.name}/{printable(entry.name)}"
        if entry.is_dir(follow_symlinks=False) and NAME.match(entry.name):
            folders.append(_read(entry.path, Folder(entry.name, f"{path}/site.yml")))
        elif entry.is_dir(follow_symlinks=False):
            strays.append(
                Problem(
                    path,
                    0,
                    "",
                    "",
                    "a site's folder: a lower-case letter, then up to 30 lower-case letters, digits or hyphens",
                )
            )
        elif entry.name not in ("README.md", ".gitkeep"):
            strays.append(Problem(path, 0, "", "", "one real folder a site, holding its site.yml (no links, no other files)"))
    return folders, strays


def _listed(path: Path | str) -> list[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _read(path: str, folder: Folder) -> Folder:
    for entry in _listed(path):
        if entry.name == "settings" and entry.is_dir(follow_symlinks=False):
            folder.settings = dict(_settings(entry.path, "", folder, path))
        elif entry.name == "site.yml":
            folder.site_yml = _content(entry, "site.yml", MAX_BYTES, folder, path)
        elif entry.name not in TOP:
            folder.complain(
                entry.name,
                f"unknown file{did_you_mean(entry.name, sorted(TOP))}; a site has site.yml, settings/ and README.md",
            )
        elif entry.name == "settings":
            folder.complain(entry.name, "a real folder")
    if folder.site_yml is None and not folder.problems:
        folder.complain("site.yml", "missing; every site has one")
    return folder


def _settings(path: str, below: str, folder: Folder, root: str) -> Iterator[tuple[str, bytes]]:
    for entry in _listed(path):
        name = f"{below}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if name.count("/") >= MAX_SETTINGS_DEPTH:
                folder.complain(f"settings/{name}", f"at most {MAX_SETTINGS_DEPTH} folders deep")
                continue
            yield from _settings(entry.path, f"{name}/", folder, root)
        else:
            content = _content(entry, f"settings/{name}", MAX_SETTINGS_BYTES, folder, root)
            if content is not None:
                yield name, content


def _content(entry: os.DirEntry[str], below: str, limit: int, folder: Folder, root: str) -> bytes | None:
    """The file's bytes, or None and a problem."""
    try:
        wrong = _unfit(entry, limit, root)
        if not wrong:
            return file_bytes.read(entry.path)
    except OSError as error:
        wrong = f"a readable file ({error.strerror})"
    folder.complain(below, wrong)
    return None


def _unfit(entry: os.DirEntry[str], limit: int, root: str) -> str:
    """Why an entry cannot be read as a file of the site: it leads elsewhere, is none, or is too large to be meant."""
    if entry.is_symlink():
        target = Path(os.path.realpath(entry.path))  # unlike Path.resolve, no error of its own for links in a circle
        if not target.is_relative_to(os.path.realpath(root)):
            nowhere = "" if target.exists() else ", where nothing is"
            return f"a file; this link leads out of the site's folder, to {printable(str(Path(entry.path).readlink()))}{nowhere}"
    found = entry.stat()
    if not stat.S_ISREG(found.st_mode):
        return "a regular file"
    return f"at most {limit // 1024} KiB" if found.st_size > limit else ""
