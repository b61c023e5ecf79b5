"""The example is what the documentation says it is, and its vault opens with the demo's password."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from plugins.module_utils.evenkeel_compiler import truth, yamlfile

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "inventories" / "example"


@pytest.fixture(scope="module")
def secrets():
    password = (EXAMPLE / "demo-vault-password").read_bytes().strip()
    vault = VaultLib([("default", VaultSecret(password))])
    text = vault.decrypt((EXAMPLE / "group_vars" / "all" / "secrets.yml").read_bytes())
    return yamlfile.parse(text)["evenkeel_secrets"]


@pytest.fixture(scope="module")
def sites(secrets):
    pool = yamlfile.parse((EXAMPLE / "group_vars" / "web" / "evenkeel.yml").read_bytes())["evenkeel_pool"]
    loaded = truth.load(EXAMPLE / "sites", truth.pool_from(pool), secrets)
    return {site.name: site for site in loaded.sites}


def test_there_are_eight_sites_of_every_kind_and_state(sites):
    assert len(sites) == 8
    kinds = sorted((site.kind, site.state) for site in sites.values())
    assert kinds.count(("php", "active")) == 3
    assert kinds.count(("static", "active")) == 2
    assert {("proxy", "active"), ("static", "suspended"), ("static", "maintenance")} < set(kinds)


def test_all_names_are_examples(sites):
    names = [name for site in sites.values() for name in (site.server_name, *site.aliases)]
    assert all(name.endswith(".example") for name in names)


def test_wordpress_settings_carry_their_secrets_and_say_so(sites, secrets):
    [config] = sites["blog"].settings
    assert (config.path, config.secret) == ("wp-config.php", True)
    for value in secrets["blog"].values():
        assert f"'{value}'".encode() in config.content


def test_wordpress_settings_do_not_rely_on_where_the_link_leads(sites):
    code = [line for line in sites["blog"].settings[0].content.splitlines() if not line.startswith(b"/*")]
    assert not any(b"__DIR__" in line or b"__FILE__" in line for line in code)


def test_no_secret_is_outside_the_vault(secrets):
    texts = [path.read_text() for path in (EXAMPLE / "sites").rglob("*") if path.is_file()]
    for own in secrets.values():
        assert not any(value in text for value in own.values() for text in texts)


@pytest.mark.parametrize("name", ["blog", "shop", "forum", "brochure", "docs", "api", "oldclub", "museum"])
def test_editors_find_the_schema(name):
    folder = EXAMPLE / "sites" / name
    first = (folder / "site.yml").read_text().splitlines()[0]
    assert (folder / first.partition("$schema=")[2]).resolve() == ROOT / "schemas" / "site.schema.json"
