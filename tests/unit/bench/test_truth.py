"""The same sites in everybody's spelling."""

from __future__ import annotations

from pathlib import Path

import yaml

from bench.truth import Truth, is_php, write_hand, write_ours, write_peer
from plugins.module_utils.evenkeel_compiler import truth as compiler


def test_evenkeel_accepts_what_is_generated(tmp_path: Path) -> None:
    write_ours(Truth(25), tmp_path)
    pool = compiler.pool_from(yaml.safe_load((tmp_path / "group_vars/web/evenkeel.yml").read_text())["evenkeel_pool"])
    loaded = compiler.load(tmp_path / "sites", pool)
    assert [site.kind for site in loaded.sites].count("php") == 2


def test_one_turn_changes_one_site(tmp_path: Path) -> None:
    write_ours(Truth(5), tmp_path)
    before = {path: path.read_text() for path in tmp_path.rglob("*.*") if path.is_file()}
    write_ours(Truth(5).turned("site00001"), tmp_path)
    changed = [path for path, text in before.items() if path.read_text() != text]
    assert [path.parent.name for path in changed] == ["site00001"]


def test_all_contenders_serve_the_same_names(tmp_path: Path) -> None:
    truth = Truth(21)
    write_hand(truth, tmp_path / "hand")
    write_peer(truth, tmp_path / "peer")
    hand = yaml.safe_load((tmp_path / "hand/group_vars/web/sites.yml").read_text())["sites"]
    peer = yaml.safe_load((tmp_path / "peer/group_vars/web/apache.yml").read_text())["apache_vhosts"]
    assert [site["server_name"] for site in hand] == [vhost["servername"] for vhost in peer]
    assert [site["php"] for site in hand] == [is_php(site) for site in truth.sites]


def test_a_mistake_is_in_one_site_of_each(tmp_path: Path) -> None:
    truth = Truth(3).with_mistake("site00000")
    write_ours(truth, tmp_path / "ours")
    write_hand(truth, tmp_path / "hand")
    write_peer(truth, tmp_path / "peer")
    assert "phpp" in (tmp_path / "ours/sites/site00000/settings/config.php").read_text()
    for path in ("hand/group_vars/web/sites.yml", "peer/group_vars/web/apache.yml"):
        assert (tmp_path / path).read_text().count("Redirectt") == 1
