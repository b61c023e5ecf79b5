"""The demo's changes fit the example, and leave no trace when they are put back."""

from __future__ import annotations

import filecmp
from pathlib import Path

import pytest
import yaml

from demo.fleet import DemoFailed
from demo.pages import PAGES, RATES
from demo.truth import EXAMPLE, Truth

WP_SETTINGS = "<?php\nrequire_once ABSPATH . WPINC . '/class-wp-locale.php';\n"


@pytest.fixture
def truth(tmp_path):
    copy = Truth(tmp_path / "example")
    copy.copy()
    copy.manage("sites/blog/settings/wp-settings.php", WP_SETTINGS)
    return copy


def same(left: Path, right: Path) -> bool:
    found = filecmp.dircmp(left, right)
    return not (found.diff_files or found.left_only or found.right_only) and all(
        same(left / name, right / name) for name in found.common_dirs
    )


def test_every_change_is_undone_without_a_trace(truth, tmp_path):
    before = Truth(tmp_path / "before")
    before.copy()
    before.manage("sites/blog/settings/wp-settings.php", WP_SETTINGS)
    truth.wrong_extension()
    truth.stock_page()
    truth.cache_for(600)
    truth.notice("Open")
    assert not same(truth.folder, before.folder)
    truth.put_back()
    assert same(truth.folder, before.folder)


def test_a_server_is_added_by_one_line(truth):
    truth.add_host("web_backup", "backup2")
    assert truth.members("web_backup") == ["backup2", "backup1"]
    truth.put_back()
    assert truth.members("web_backup") == ["backup1"]


def test_a_good_change_stays_when_a_later_one_is_undone(truth):
    truth.add_host("web_backup", "backup2")
    truth.keep()
    truth.cache_for(600)
    truth.put_back()
    assert "backup2" in truth.members("web_backup")


def test_addresses_are_no_change_that_could_be_undone(truth):
    truth.place("10.0.0.200", "10.0.0.1", "10.0.0.15")
    truth.put_back()
    assert "http://10.0.0.15:9000" in (truth.folder / "sites/api/site.yml").read_text()
    edge = yaml.safe_load((truth.folder / "group_vars/edge/evenkeel.yml").read_text())["evenkeel_edge"]
    assert (edge["addresses"], edge["trusted_probers"]) == (["10.0.0.200/24"], ["10.0.0.1"])


def test_the_incident_is_one_letter(truth):
    truth.wrong_extension()
    changed = (truth.folder / "sites/blog/settings/wp-settings.php").read_text()
    assert changed == WP_SETTINGS.replace("locale.php'", "locale.phpp'")


def test_the_new_page_brings_its_probe(truth):
    truth.stock_page()
    site = yaml.safe_load((truth.folder / "sites/shop/site.yml").read_text())
    assert "/stock.php" in [probe["path"] for probe in site["probes"]]


def test_an_example_that_has_changed_is_noticed(truth):
    (truth.folder / "sites/brochure/site.yml").write_text("server_name: brochure.example\nkind: static\n")
    with pytest.raises(DemoFailed, match=r"brochure/site\.yml"):
        truth.cache_for(600)


def test_visitors_ask_every_site_of_the_example():
    sites = {folder.name for folder in (EXAMPLE / "sites").iterdir()}
    assert {page.site for page in PAGES} == sites == set(RATES)
