"""A truth without its authors' words, and the visits that stand for them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from plugins.module_utils.evenkeel_compiler import truth
from plugins.module_utils.evenkeel_compiler.model import Learn, Pool
from tests.faults import probing
from tests.faults.layout import TRUTH


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TRUTH, tmp_path / "truth", symlinks=True))


@pytest.mark.parametrize(("kind", "learn"), [(probing.NONE, None), (probing.LEARNED, Learn())])
def test_front_pages_alone_are_promised(folder: Path, kind: str, learn: Learn | None) -> None:
    probing.apply(folder, kind)
    sites = {site.name: site for site in truth.load(folder / "sites", Pool("web")).sites if site.name in probing.SITES}
    assert {probe.path for site in sites.values() for probe in site.probes} == {"/"}
    assert {site.learn for site in sites.values()} == {learn}
    house = yaml.safe_load((folder / "house/probes.yml").read_text())
    assert {probe["path"] for probes in house.values() for probe in probes} == {"/"}


def test_with_their_own_probes_the_sites_are_as_they_are(folder: Path) -> None:
    before = (folder / "sites/app/site.yml").read_bytes()
    probing.apply(folder, probing.OWN)
    assert (folder / "sites/app/site.yml").read_bytes() == before
