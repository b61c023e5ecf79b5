"""An edge made by hand: what the inventory and the truth would hand to the compiler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugins.module_utils.evenkeel.manifest import PROBES
from plugins.module_utils.evenkeel.release import Release as Built
from plugins.module_utils.evenkeel.site_probes import parse
from plugins.module_utils.evenkeel_compiler.compile import Release
from plugins.module_utils.evenkeel_compiler.edge_compile import compile_edge
from plugins.module_utils.evenkeel_compiler.edge_model import Backends, Balancer, Certificate, Edge, EdgeTruth, Server
from plugins.module_utils.evenkeel_compiler.model import Pool, Site

PROJECT = Path(__file__).resolve().parents[3]
TEMPLATE_DIRS = (PROJECT / "roles/haproxy/templates", PROJECT / "roles/keepalived/templates")
EDGE = Edge("edge", ("192.0.2.80/24",), 51, "eth0", ("192.0.2.7",), 4000, 900, 50, "self-signed")
BALANCERS = (Balancer("edge1", "192.0.2.8", "eth0"), Balancer("edge2", "192.0.2.9", "ens3"))
SERVERS = (Server("web1", "192.0.2.11", 80, False), Server("backup1", "192.0.2.21", 8080, True))
CERTIFICATE = Certificate("self-signed", b"-----BEGIN CERTIFICATE-----\n", b"-----BEGIN PRIVATE KEY-----\n", "ab" * 32)


def truth(*sites: Site, **changes: Any) -> EdgeTruth:
    fields: dict[str, Any] = {
        "edge": EDGE,
        "balancers": BALANCERS,
        "pools": (Backends(Pool("web"), SERVERS, sites),),
        "certificates": (CERTIFICATE,),
    }
    return EdgeTruth(**{**fields, **changes})


def compiled(*sites: Site, **changes: Any) -> Release:
    return compile_edge(truth(*sites, **changes), TEMPLATE_DIRS)


def text(release: Release, path: str) -> str:
    return release.files[path].content.decode()


def on_disk(tmp_path: Path, release: Release) -> Built:
    """As the engine finds it on a host."""
    folder = tmp_path / release.id
    for path, file in release.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(file.content)
    return Built(release.id, str(folder), release.manifest, parse(release.files[PROBES].content))
