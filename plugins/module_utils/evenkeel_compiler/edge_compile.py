"""From the checked edge to a release: pure but for reading the templates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..evenkeel.manifest import EDGE, PROBES, SERVERS, probes_bytes
from .compile import Release, release_of
from .edge_model import EdgeTruth, site_facts
from .edge_probes import edge_probes
from .edge_view import edge_view, maps, member_views, probers
from .release_files import Named, ReleaseFile
from .render import Renderer

CERTIFICATES = "/etc/evenkeel/current/haproxy/certificates"


def compile_edge(truth: EdgeTruth, template_dirs: Sequence[Path]) -> Release:
    """The release of the balancers. Same truth, same bytes."""
    renderer = Renderer(template_dirs)
    files = dict(_files(renderer, truth))
    facts = {site.name: site_facts(truth, site) for site in truth.sites}
    return release_of(EDGE, truth.edge.name, (), dict(sorted(files.items())), facts)


def _files(renderer: Renderer, truth: EdgeTruth) -> Iterator[Named]:
    name = truth.edge.name
    yield "haproxy/haproxy.cfg", ReleaseFile(renderer.render("haproxy/haproxy.cfg", name, edge=edge_view(truth)))
    yield "haproxy/let_go.lua", ReleaseFile(renderer.render("haproxy/let_go.lua", name))
    for kind, lines in maps(truth).items():
        yield f"haproxy/maps/{kind}.map", ReleaseFile(renderer.render("haproxy/maps/map", name, lines=lines))
    yield SERVERS, ReleaseFile(renderer.render("haproxy/servers", name, pools=truth.pools))
    yield "haproxy/probers.list", ReleaseFile(renderer.render("haproxy/list", name, entries=probers(truth)))
    yield from _certificates(renderer, truth)
    keepalived = renderer.render("keepalived/keepalived.conf", name, edge=truth.edge, members=member_views(truth))
    yield "keepalived/keepalived.conf", ReleaseFile(keepalived)
    yield PROBES, ReleaseFile(probes_bytes({site.name: edge_probes(truth, site) for site in truth.sites}))


def _certificates(renderer: Renderer, truth: EdgeTruth) -> Iterator[Named]:
    """The default one first: visitors who say no name get it. Keys are root's, who reads them before it becomes haproxy."""
    ordered = sorted(truth.certificates, key=lambda one: (one.name != truth.edge.certificate, one.name))
    entries = [f"{CERTIFICATES}/{one.name}.pem" for one in ordered]
    yield "haproxy/certificates.list", ReleaseFile(renderer.render("haproxy/list", truth.edge.name, entries=entries))
    for one in ordered:
        yield f"haproxy/certificates/{one.name}.pem", ReleaseFile(one.chain)
        yield f"haproxy/certificates/{one.name}.pem.key", ReleaseFile(one.key, "0600", secret=True)
