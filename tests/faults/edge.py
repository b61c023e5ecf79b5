"""A release of the faults' own balancer: the truth, compiled, and its house template in the place of what was rendered."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plugins.module_utils.evenkeel.manifest import EDGE
from plugins.module_utils.evenkeel_compiler import truth
from plugins.module_utils.evenkeel_compiler.compile import Release, release_of
from plugins.module_utils.evenkeel_compiler.edge_build import template_dirs
from plugins.module_utils.evenkeel_compiler.edge_compile import compile_edge
from plugins.module_utils.evenkeel_compiler.edge_model import Backends, Balancer, Certificate, EdgeTruth, Server
from plugins.module_utils.evenkeel_compiler.edge_truth import edge_from
from plugins.module_utils.evenkeel_compiler.model import Pool, Site
from plugins.module_utils.evenkeel_compiler.payload import payload
from plugins.module_utils.evenkeel_compiler.release_files import ReleaseFile
from plugins.module_utils.evenkeel_compiler.self_signed import make, missing
from plugins.module_utils.evenkeel_compiler.truth import Truth

PROJECT = Path(__file__).resolve().parents[2]
CONFIG = "haproxy/haproxy.cfg"
ANY = "*"


@dataclass(frozen=True)
class EdgeLayout:
    """The part `edge` of layout.yml, the addresses of the web hosts in their order, and that of the balancer.

    `name` is what its keepalived calls itself: without lines of its own it ends at its next reload.
    """

    raw: Mapping[str, Any]
    webs: tuple[str, ...]
    balancer: str
    name: str

    @property
    def settings(self) -> dict[str, Any]:
        """Nobody fights for the address: each bed has a network of its own, and one balancer."""
        return {"name": "edge", "addresses": [self.balancer.rpartition(".")[0] + ".231/24"], "vrrp_id": 77}

    def fill(self, text: str) -> str:
        """The words of the house file as HAProxy reads them."""
        for word, lines in self.raw["words"].items():
            text = re.sub(rf"(?m)^([ \t]*){re.escape(word)}$", lambda found, said=lines: _indented(said, found[1]), text)
        for word, meaning in self.raw["places"]:
            text = text.replace(word, meaning)
        for word, number in self.raw["nodes"].items():
            text = text.replace("127.0.0.1:" + word, self.webs[number] + ":80").replace(word, "80")
        return text

    def pools(self, sites: tuple[Site, ...]) -> tuple[Backends, ...]:
        named = {site for pool in self.raw["pools"].values() for site in pool["sites"]}
        return tuple(self._pool(name, pool, sites, named) for name, pool in self.raw["pools"].items())

    def _pool(self, name: str, pool: Mapping[str, Any], sites: tuple[Site, ...], named: set[str]) -> Backends:
        servers = [Server(server, self.webs[number], 80, False) for server, number in pool.get("active", {}).items()]
        servers += [Server(server, self.webs[number], 80, True) for server, number in pool.get("backup", {}).items()]
        own = [site for site in sites if site.name in pool["sites"] or (ANY in pool["sites"] and site.name not in named)]
        return Backends(Pool(name), tuple(servers), tuple(replace(site, pool=name) for site in own))


def build(folder: Path, layout: EdgeLayout, certs: Path) -> tuple[Release, bytes]:
    """The balancer's release of the truth in `folder`, and its payload. Raises TruthInvalid or RenderFailed."""
    loaded = truth.load(folder / "sites", Pool("web"))
    rendered = compile_edge(_truth(loaded, certs, layout), template_dirs(PROJECT))
    files = dict(rendered.files)
    for path in sorted((folder / "edge").glob("*")):
        files[f"haproxy/{path.name}"] = ReleaseFile(layout.fill(path.read_bytes().decode("latin-1")).encode("latin-1"))
    release = release_of(EDGE, "edge", (), dict(sorted(files.items())), dict(rendered.manifest.sites))
    return release, payload(release)


def _truth(loaded: Truth, certs: Path, layout: EdgeLayout) -> EdgeTruth:
    """Sites answer over both schemes here: the house file sends nobody from one to the other."""
    sites = tuple(replace(site, tls=replace(site.tls, redirect=False)) for site in loaded.sites if site.state != "absent")
    edge = edge_from(layout.settings)
    balancers = (Balancer(layout.name, layout.balancer, edge.interface),)
    return EdgeTruth(edge, balancers, layout.pools(sites), (_certificate(certs, edge.certificate, sites),))


def _certificate(certs: Path, name: str, sites: tuple[Site, ...]) -> Certificate:
    """Made once, and anew only for a name that it does not have."""
    chain, key = certs / f"{name}.pem", certs / f"{name}.key"
    names = sorted({name for site in sites for name in (site.server_name, *site.aliases)})
    if missing(chain, names):
        make(chain, key, names)
    return Certificate(name, chain.read_bytes(), key.read_bytes(), hashlib.sha256(chain.read_bytes()).hexdigest())


def _indented(text: str, indent: str) -> str:
    return "\n".join(indent + line for line in text.rstrip("\n").splitlines())
