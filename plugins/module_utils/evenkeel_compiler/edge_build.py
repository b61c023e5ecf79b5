"""One compilation of the edge, from the inventory's values to a build that can be sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import edge_truth
from .build import Build, Secrets, inputs_digest, keep
from .build_store import BuildStore
from .compile import Release
from .edge_compile import compile_edge
from .edge_model import Backends, Balancer, Edge

TEMPLATES = ("roles/haproxy/templates", "roles/keepalived/templates")


@dataclass(frozen=True)
class EdgeOrder:
    """What to compile. `keys` are the private keys of `certs/`, by name, decrypted."""

    project: Path
    environment: str
    edge: Edge
    balancers: tuple[Balancer, ...]
    pools: tuple[Backends, ...]
    sites_dir: Path
    build_dir: Path
    keys: Mapping[str, bytes]
    secrets: Secrets


def template_dirs(project: Path) -> Sequence[Path]:
    return tuple(project / folder for folder in TEMPLATES)


def build_edge(order: EdgeOrder, dry: bool = False) -> Build:
    """Compile unless nothing changed; `dry` writes nothing. Raises TruthInvalid or RenderFailed."""

    def compiled() -> Release:
        loaded = edge_truth.load(order.edge, order.balancers, order.pools, order.sites_dir, order.keys, order.secrets)
        return compile_edge(loaded, template_dirs(order.project))

    store = BuildStore(order.build_dir / order.environment / order.edge.name)
    return keep(store, _inputs(order), compiled, dry)


def _inputs(order: EdgeOrder) -> str:
    facts: dict[str, Any] = {
        "edge": asdict(order.edge),
        "balancers": [asdict(one) for one in order.balancers],
        "pools": [asdict(one) for one in order.pools],
        "keys": {name: hashlib.sha256(key).hexdigest() for name, key in order.keys.items()},
        "secrets": order.secrets,
    }
    certificates = sorted((order.sites_dir.parent / "certs").glob("*.pem"))
    names = {"certificates": [path.name for path in certificates]}
    return inputs_digest(order.project, (order.sites_dir, *certificates, *template_dirs(order.project)), {**facts, **names})
