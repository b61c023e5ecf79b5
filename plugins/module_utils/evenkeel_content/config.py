"""What the role wrote for this host: who the origin is, and the sites whose files are brought from there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ContentError

FORMAT = 1


@dataclass(frozen=True)
class Paths:
    """Every file of the program; `root` and the way to the origin are others in tests."""

    root: str = "/"
    ssh: str = "ssh"

    def at(self, path: str) -> str:
        return os.path.join(self.root, path.lstrip("/"))

    @property
    def config(self) -> str:
        return self.at("/etc/evenkeel/content/content.json")

    @property
    def ssh_config(self) -> str:
        return self.at("/etc/evenkeel/content/ssh_config")

    @property
    def releases(self) -> str:
        return self.at("/etc/evenkeel/releases")

    @property
    def current(self) -> str:
        return self.at("/etc/evenkeel/current")

    @property
    def run_state(self) -> str:
        """What the last run found, of all sites; root's."""
        return self.at("/var/lib/evenkeel-content/run.json")

    @property
    def ready(self) -> str:
        """There while the host is ready; gone with a boot."""
        return self.at("/run/evenkeel-content/ready")

    @property
    def look(self) -> str:
        return self.at("/run/evenkeel-content/look/look.json")

    @property
    def doubts(self) -> str:
        """What keeps the host from being ready, a line each."""
        return self.at("/run/evenkeel-content/doubts")

    def released(self, site: str) -> str:
        """Why a release was not laid down; evenkeel-content's."""
        return self.at("/run/evenkeel-content/released/%s.json" % site)

    @property
    def socket(self) -> str:
        return self.at("/run/evenkeel-content/origin.sock")

    def state(self, site: str) -> str:
        """What the last copy of a site came to; evenkeel-content's."""
        return self.at("/var/lib/evenkeel-content/state/%s.json" % site)

    def accepted(self, site: str) -> str:
        """The loss that a person accepted; root's."""
        return self.at("/var/lib/evenkeel-content/accepted/%s.json" % site)

    def job(self, site: str) -> str:
        return self.at("/run/evenkeel-content/jobs/%s.json" % site)

    def source(self, site: str) -> str:
        """What git or an archive brought to the origin."""
        return self.at("/var/lib/evenkeel-content/source/%s" % site)


@dataclass(frozen=True)
class Site:
    """One site with files. `mount` and `fstype` are those of source `shared`; paths are absolute."""

    name: str
    user: str
    home: str
    document_root: str
    source: str
    folder: str = ""
    mount: str = ""
    fstype: str = ""

    @property
    def is_copied(self) -> bool:
        return self.source != "shared"


@dataclass(frozen=True)
class Config:
    """`limit_s` bounds the lag of a host that is ready; `epoch` grows with every change of origin."""

    host: str
    origin: str
    epoch: int
    sites_root: str
    limit_s: int
    mass_loss_percent: int
    bandwidth_kib_s: int
    parallel: int
    metrics_folder: str
    sites: Mapping[str, Site]

    @property
    def is_origin(self) -> bool:
        return self.host == self.origin

    @property
    def copied(self) -> list[Site]:
        return [site for _, site in sorted(self.sites.items()) if site.is_copied]

    @property
    def shared(self) -> list[Site]:
        return [site for _, site in sorted(self.sites.items()) if not site.is_copied]

    def site(self, name: str) -> Site:
        if name not in self.sites:
            raise ContentError("There is no site %s with files on this host; see `evenkeel-content status`" % name)
        return self.sites[name]


def load(path: str) -> Config:
    """ContentError where the role has not been here, or somebody edited what it wrote."""
    try:
        with open(path, encoding="utf-8") as stream:
            return parse(json.load(stream))
    except FileNotFoundError as error:
        raise ContentError("This host knows nothing of content yet; run playbooks/content.yml") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ContentError("%s cannot be read (%s); run playbooks/content.yml" % (path, error)) from error


def parse(document: Mapping[str, Any]) -> Config:
    if document["format"] != FORMAT:
        raise ValueError("format %r" % document["format"])
    return Config(
        host=str(document["host"]),
        origin=str(document["origin"]),
        epoch=int(document["epoch"]),
        sites_root=str(document["sites_root"]),
        limit_s=int(document["limit_s"]),
        mass_loss_percent=int(document["mass_loss_percent"]),
        bandwidth_kib_s=int(document["bandwidth_kib_s"]),
        parallel=int(document["parallel"]),
        metrics_folder=str(document["metrics_folder"]),
        sites={str(name): _site(str(name), facts) for name, facts in document["sites"].items()},
    )


def _site(name: str, facts: Mapping[str, Any]) -> Site:
    texts = {key: str(facts.get(key, "")) for key in ("folder", "mount", "fstype")}
    needed = {key: str(facts[key]) for key in ("user", "home", "document_root", "source")}
    return Site(name, **needed, **texts)
