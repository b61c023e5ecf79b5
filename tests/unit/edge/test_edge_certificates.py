"""Whose certificate is no good: a site's own failure, unless HAProxy needs it for everybody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plugins.module_utils.evenkeel import edge_certificates, tls
from plugins.module_utils.evenkeel_compiler.edge_model import Certificate
from plugins.module_utils.evenkeel_compiler.model import Site, Tls
from plugins.module_utils.evenkeel_compiler.self_signed import make
from tests.templates.builders import static_site

from .builders import CERTIFICATE, compiled, on_disk


def own(name: str) -> Site:
    return replace(static_site(name), tls=Tls(certificate="shop"))


def pair(tmp_path: Path, name: str, *hosts: str) -> Certificate:
    chain, key = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
    make(chain, key, hosts)
    return Certificate(name, chain.read_bytes(), key.read_bytes(), "ab" * 32)


def told(tmp_path: Path, default: Certificate, shop: Certificate) -> list[tuple[str | None, str]]:
    release = on_disk(tmp_path, compiled(own("till"), own("stock"), static_site("docs"), certificates=(default, shop)))
    return [(failure.site, failure.guard) for failure in edge_certificates.check(release, release)]


def test_pairs_that_fit_are_content(tmp_path: Path) -> None:
    assert told(tmp_path, pair(tmp_path, "self-signed", "docs.example"), pair(tmp_path, "shop", "till.example")) == []


def test_a_key_that_does_not_fit_is_the_failure_of_the_sites_that_use_it(tmp_path: Path) -> None:
    shop, other = pair(tmp_path, "shop", "till.example"), pair(tmp_path, "other", "till.example")
    found = told(tmp_path, pair(tmp_path, "self-signed", "docs.example"), replace(shop, key=other.key))
    assert found == [("stock", "certificate"), ("till", "certificate")]


def test_a_default_certificate_is_everybody_s(tmp_path: Path) -> None:
    assert told(tmp_path, CERTIFICATE, pair(tmp_path, "shop", "till.example")) == [(None, "certificate")]


def test_a_name_may_leave_a_certificate_with_its_site(tmp_path: Path) -> None:
    both = pair(tmp_path, "self-signed", "docs.example", "gone.example")
    one = pair(tmp_path / "new", "self-signed", "docs.example")
    live = on_disk(tmp_path, compiled(static_site("docs"), static_site("gone"), certificates=(both,)))
    candidate = on_disk(tmp_path, compiled(static_site("docs"), certificates=(one,)))
    assert edge_certificates.check(live, candidate) == []
    assert [failure.got for failure in tls.check_certificates(live, candidate)] != []
