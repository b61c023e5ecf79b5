"""The faults' own balancer: its house file is the collection's, filled in, and its release means what the file says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel.manifest import EDGE, SERVERS
from tests.faults import edge, layout
from tests.faults.edge import EdgeLayout
from tests.faults.layout import TRUTH

EDGE_LAYOUT = EdgeLayout(layout.load().edge, ("192.0.2.11", "192.0.2.12"), "192.0.2.8", "edge1")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> edge.Release:
    return edge.build(TRUTH, EDGE_LAYOUT, tmp_path_factory.mktemp("certs"))[0]


def test_no_word_of_the_house_file_is_left(release: edge.Release) -> None:
    text = release.files[edge.CONFIG].content.decode()
    assert re.findall(r"@\w+(?::\w+)?@", text) == []
    assert "server web2 192.0.2.12:80 check weight 100\n    use-server" in text


def test_its_servers_are_those_of_the_layout(release: edge.Release) -> None:
    lines = release.files[SERVERS].content.decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "pool_app web1 192.0.2.11 80 active",
        "pool_app web2 192.0.2.12 80 active",
        "pool_static web1 192.0.2.11 80 active",
        "pool_static web3 192.0.2.12 80 backup",
    ]


def test_every_site_has_a_pool(release: edge.Release) -> None:
    pools = {site: facts["pool"] for site, facts in release.manifest.sites.items()}
    assert release.manifest.tier == EDGE
    assert (pools.pop("app"), set(pools.values())) == ("pool_app", {"pool_static"})


def test_the_same_truth_gives_the_same_release(release: edge.Release, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("again")
    assert edge.build(Path(TRUTH), EDGE_LAYOUT, folder)[0].id == edge.build(Path(TRUTH), EDGE_LAYOUT, folder)[0].id
