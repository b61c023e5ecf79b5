"""Balancers with some sites as they are live: one tenant's certificate stops nobody else's change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel import edge_hold, manifest
from plugins.module_utils.evenkeel.errors import InvalidRelease
from plugins.module_utils.evenkeel.manifest import PROBES, Manifest
from plugins.module_utils.evenkeel_compiler.compile import Release
from plugins.module_utils.evenkeel_compiler.edge_model import Certificate
from plugins.module_utils.evenkeel_compiler.model import Site, Tls
from tests.templates.builders import static_site

from .builders import CERTIFICATE, compiled, on_disk

POOLS, LIST, TIMEOUTS = "haproxy/maps/pools.map", "haproxy/certificates.list", "haproxy/maps/timeouts.map"
SHOP = "haproxy/certificates/shop.pem"


def own(name: str = "shop", **more: Any) -> Site:
    return replace(static_site(name), tls=Tls(certificate="shop"), **more)


def certificate(text: bytes) -> Certificate:
    return Certificate("shop", text, b"key of " + text, text.hex())


def held(tmp_path: Path, live: Release, candidate: Release, *sites: str) -> tuple[Manifest, Mapping[str, bytes]]:
    old, new = on_disk(tmp_path, live), on_disk(tmp_path, candidate)
    merged = manifest.hold_back(old.manifest, new.manifest, set(sites), b"{}")
    return edge_hold.held_back(old, new, set(sites), merged)


def lines(content: bytes) -> list[str]:
    return [line for line in content.decode().splitlines() if not line.startswith("#")]


def test_a_held_site_keeps_its_certificate_and_others_go_on(tmp_path: Path) -> None:
    live = compiled(own(), static_site("docs"), certificates=(CERTIFICATE, certificate(b"old")))
    docs = static_site("docs")
    slow = replace(docs, limits=replace(docs.limits, timeout_s=120))
    candidate = compiled(own(), slow, certificates=(CERTIFICATE, certificate(b"new")))
    made, contents = held(tmp_path, live, candidate, "shop")
    assert (contents[SHOP], contents[SHOP + ".key"]) == (b"old", b"key of old")
    assert made.files[SHOP] == live.manifest.files[SHOP]
    assert made.sites["shop"] == live.manifest.sites["shop"]
    assert lines(contents[TIMEOUTS]) == lines(candidate.files[TIMEOUTS].content) != []


def test_a_new_site_that_is_held_back_leaves_no_trace(tmp_path: Path) -> None:
    live = compiled(static_site("docs"))
    candidate = compiled(static_site("docs"), own(), certificates=(CERTIFICATE, certificate(b"new")))
    made, contents = held(tmp_path, live, candidate, "shop")
    assert {path: entry for path, entry in made.files.items() if path != PROBES} == {
        path: entry for path, entry in live.manifest.files.items() if path != PROBES
    }
    assert set(made.sites) == {"docs"}
    assert "shop" not in str(contents[LIST] + contents[POOLS])


def test_a_site_that_is_gone_and_held_stays_with_its_lines(tmp_path: Path) -> None:
    live = compiled(static_site("docs"), own(), certificates=(CERTIFICATE, certificate(b"old")))
    _, contents = held(tmp_path, live, compiled(static_site("docs")), "shop")
    assert "shop.example web" in lines(contents[POOLS])
    assert lines(contents[LIST]) == lines(live.files[LIST].content)


def test_a_certificate_that_others_use_goes_on(tmp_path: Path) -> None:
    live = compiled(own(), own("shop-b"), certificates=(CERTIFICATE, certificate(b"old")))
    candidate = compiled(own(), own("shop-b"), certificates=(CERTIFICATE, certificate(b"new")))
    made, contents = held(tmp_path, live, candidate, "shop")
    assert SHOP not in contents and made.files[SHOP] == candidate.manifest.files[SHOP]


def test_a_name_that_goes_to_somebody_else_cannot_be_kept(tmp_path: Path) -> None:
    live = compiled(static_site("shop"))
    candidate = compiled(static_site("docs", aliases=("shop.example",)))
    with pytest.raises(InvalidRelease, match=r"shop cannot be held back: the name shop\.example"):
        held(tmp_path, live, candidate, "shop")


def test_every_balancer_composes_the_same(tmp_path: Path) -> None:
    live = compiled(own(), certificates=(CERTIFICATE, certificate(b"old")))
    candidate = compiled(own(), static_site("docs"), certificates=(CERTIFICATE, certificate(b"new")))
    first, second = (held(tmp_path / name, live, candidate, "shop")[0].id for name in ("a", "b"))
    assert first == second
