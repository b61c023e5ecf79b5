"""An origin and a replica in two folders of this machine, joined by the real rsync; only ssh is left out."""

from __future__ import annotations

import grp
import json
import os
import pwd
from pathlib import Path
from typing import Any

from plugins.module_utils.evenkeel_content import files, pull, rounds
from plugins.module_utils.evenkeel_content.config import Config, Paths, Site, parse

LINK = "/etc/evenkeel/current/settings/%s/%s"


class World:
    """`origin` and `here` hold the homes of sites; `run` copies one site and returns its state."""

    def __init__(self, folder: Path, epoch: int = 1) -> None:
        self.origin, self.here, root = folder / "origin", folder / "here", folder / "root"
        for path in ("run/evenkeel-content/jobs", "run/evenkeel-content/look", "var/lib/evenkeel-content/state",
                     "var/lib/evenkeel-content/accepted", "etc/evenkeel/content", "etc/evenkeel/releases"):  # fmt: skip
            (root / path).mkdir(parents=True)
        self.paths = Paths(str(root), str(self._ssh(folder)))
        self.epoch = epoch
        self.sites = ["blog"]
        self.percent = 50
        self.origin.mkdir()
        self.here.mkdir()
        for name in self.sites:
            self.home(name)

    @property
    def config(self) -> Config:
        return parse(document(self.here, self.sites, epoch=self.epoch, mass_loss_percent=self.percent))

    def home(self, name: str) -> None:
        for side in (self.origin, self.here):
            (side / name / "public").mkdir(parents=True)

    def write(self, side: Path, path: str, text: str = "x") -> Path:
        """A file in the document root of blog."""
        target = side / "blog" / "public" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def settings(self, side: Path, path: str) -> None:
        """A link that the engine made."""
        (side / "blog" / "public" / path).symlink_to(LINK % ("blog", path))

    def release(self, *settings: str) -> None:
        """What this host's current release links into blog."""
        folder = Path(self.paths.releases) / "aaaaaaaaaaaa"
        folder.mkdir(exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps({"files": {f"settings/blog/{path}": {} for path in settings}}))
        if not os.path.lexists(self.paths.current):
            os.symlink("releases/aaaaaaaaaaaa", self.paths.current)

    def run(self) -> dict[str, Any]:
        rounds.prepare(self.config, self.paths)
        pull.pull(self.config, self.paths, self.config.sites["blog"])
        return files.read(self.paths.state("blog"))

    def tree(self, side: Path) -> dict[str, str]:
        """What visitors of blog could reach: contents and targets by path."""
        root = side / "blog" / "public"
        found = [path for path in sorted(root.rglob("*")) if path.is_symlink() or path.is_file()]
        return {str(path.relative_to(root)): self._content(path) for path in found}

    def _content(self, path: Path) -> str:
        return "-> " + os.readlink(path) if path.is_symlink() else path.read_text()

    def _ssh(self, folder: Path) -> Path:
        """Stands for `ssh -F FILE ORIGIN rsync --server --daemon .` and what the origin's unit runs."""
        conf = folder / "rsyncd.conf"
        me = f"uid = {os.getuid()}\ngid = {os.getgid()}\n"  # for root, rsync would take nobody
        conf.write_text(f"use chroot = no\nread only = yes\n{me}[www]\n  path = {self.origin}\n")
        script = folder / "ssh"
        script.write_text(f'#!/bin/sh\nshift 3\n[ "$*" = "rsync --server --daemon ." ] || exit 255\n'
                          f'[ -e {folder}/away ] && exit 255\nexec rsync --server --daemon --config={conf} .\n')  # fmt: skip
        script.chmod(0o755)
        return script


def document(root: Path, sites: list[str], **more: Any) -> dict[str, Any]:
    """What the role writes."""
    user = pwd.getpwuid(os.getuid()).pw_name
    assert grp.getgrnam(user)
    same = {"user": user, "source": "local"}
    facts = {name: {**same, "home": f"{root}/{name}", "document_root": f"{root}/{name}/public"} for name in sites}
    return {
        "format": 1, "host": "web2", "origin": "web1", "epoch": 1, "sites_root": str(root), "limit_s": 600,
        "mass_loss_percent": 50, "bandwidth_kib_s": 0, "parallel": 2, "metrics_folder": "/metrics", "sites": facts, **more,
    }  # fmt: skip


def site(name: str = "blog", root: str = "/srv/www") -> Site:
    return Site(name, name, f"{root}/{name}", f"{root}/{name}/public", "local")
