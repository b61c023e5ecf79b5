"""What balancers read, rendered without a host."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from plugins.module_utils.evenkeel import manifest as manifests
from plugins.module_utils.evenkeel.plan import plan
from plugins.module_utils.evenkeel.release import Release as Built
from plugins.module_utils.evenkeel_compiler.compile import Release
from plugins.module_utils.evenkeel_compiler.edge_truth import balancers_from, edge_from, servers_from
from plugins.module_utils.evenkeel_compiler.errors import TruthInvalid
from plugins.module_utils.evenkeel_compiler.model import Expect, Limits, Probe, Tls
from tests.templates.builders import php_site, proxy_site, static_site

from .builders import BALANCERS, CERTIFICATE, EDGE, compiled, text

HAPROXY, KEEPALIVED = "haproxy/haproxy.cfg", "keepalived/keepalived.conf"


def lines(release: Release, name: str) -> list[str]:
    return [line for line in text(release, f"haproxy/maps/{name}.map").splitlines() if not line.startswith("#")]


def probes(release: Release, site: str) -> list[dict]:
    return json.loads(release.files["probes.json"].content)["sites"][site]


def built(release: Release) -> Built:
    return Built(release.id, "", release.manifest, json.loads(release.files["probes.json"].content)["sites"])


def test_the_same_truth_gives_the_same_release() -> None:
    assert compiled(static_site()).id == compiled(static_site()).id


def test_the_manifest_says_edge_and_survives_its_own_check() -> None:
    release = compiled(static_site(), proxy_site())
    assert manifests.from_bytes(release.manifest_bytes).tier == manifests.EDGE


def test_a_web_manifest_does_not_mention_tiers() -> None:
    assert b"tier" not in manifests.Manifest("web", (), {}, {}).to_bytes()


def test_every_name_of_a_site_leads_to_its_pool() -> None:
    assert lines(compiled(static_site("docs")), "pools") == ["docs.example web", "www.docs.example web"]


def test_a_new_site_changes_maps_and_no_rule() -> None:
    one, two = compiled(static_site("docs")), compiled(static_site("docs"), static_site("more"))
    assert text(one, HAPROXY) == text(two, HAPROXY)
    assert plan(built(one), built(two)).touched == ("more",)


def test_a_new_certificate_touches_the_sites_that_use_it() -> None:
    own = replace(CERTIFICATE, name="own", sha256="cd" * 32)
    sites = (static_site("docs"), static_site("shop", tls=Tls(certificate="own")))
    before = compiled(*sites, certificates=(CERTIFICATE, own))
    after = compiled(*sites, certificates=(CERTIFICATE, replace(own, sha256="ef" * 32, chain=b"other")))
    assert plan(built(before), built(after)).touched == ("shop",)


def test_keys_are_secret_and_root_s_alone() -> None:
    entry = compiled().manifest.files["haproxy/certificates/self-signed.pem.key"]
    assert (entry.mode, entry.group, entry.secret) == ("0600", "root", True)


def test_the_default_certificate_comes_first() -> None:
    release = compiled(static_site(tls=Tls(certificate="a")), certificates=(replace(CERTIFICATE, name="a"), CERTIFICATE))
    assert text(release, "haproxy/certificates.list").splitlines()[1].endswith("/self-signed.pem")


@pytest.mark.parametrize(
    "setting",
    [
        "option http-server-close",
        "option idle-close-on-response",
        "option redispatch 1",
        "option allbackups",
        "retry-on conn-failure empty-response",
        "http-request disable-l7-retry unless { method GET HEAD OPTIONS }",
        "lua-load /etc/evenkeel/current/haproxy/let_go.lua",
        "load-server-state-from-file global",
        "ssl-min-ver TLSv1.2",
        "curves X25519:prime256v1:secp384r1",
    ],
)
def test_what_was_measured_to_lose_nothing_is_there(setting: str) -> None:
    assert setting in text(compiled(), HAPROXY)


@pytest.mark.parametrize("word", ["observe layer7", "retry-on 500", "X25519MLKEM768", "init-state"])
def test_what_was_measured_to_do_harm_is_not(word: str) -> None:
    assert word not in text(compiled(), HAPROXY)


def test_backups_are_backups() -> None:
    assert "  server web1 192.0.2.11:80\n  server backup1 192.0.2.21:8080 backup\n" in text(compiled(), HAPROXY)


def test_every_php_release_of_the_pool_is_checked() -> None:
    site = php_site()
    other = replace(site, name="old", php=replace(site.php, version="7.4"))
    web = text(compiled(other), HAPROXY).partition("backend web-backups")[0]
    checks = re.findall(r"http-check send meth GET uri /\.evenkeel/php/(\S+)", web)
    assert checks == ["7.4", "8.2"]


def test_runtime_socket_and_figures_are_closed_to_the_outside() -> None:
    shown = text(compiled(), HAPROXY)
    assert "stats socket /run/haproxy/admin.sock mode 600" in shown
    places = re.findall(r'^  bind "([^"]+)"', shown, re.MULTILINE)
    assert places == ["${EVENKEEL_METRICS}", "${EVENKEEL_HTTP}", "${EVENKEEL_HTTPS}"]


def test_each_balancer_has_its_own_lines_and_one_file() -> None:
    shown = text(compiled(), KEEPALIVED)
    assert "@edge1    192.0.2.9\n@edge2    192.0.2.8\n" in shown
    assert "@edge1  priority 200\n" in shown and "@edge2  interface ens3\n" in shown


def test_a_balancer_alone_names_no_peers() -> None:
    assert "unicast" not in text(compiled(balancers=BALANCERS[:1]), KEEPALIVED)


def test_a_site_is_asked_over_https_by_each_name_and_over_http_once() -> None:
    found = probes(compiled(static_site()), "docs")
    asked = [(probe["host"], probe.get("tls", False), probe["expect"]["status"]) for probe in found]
    assert asked == [("docs.example", True, [200]), ("www.docs.example", True, [301]), ("docs.example", False, [301])]


def test_hsts_is_promised_where_the_site_asks_for_it() -> None:
    release = compiled(static_site(tls=Tls(hsts_s=300)))
    assert lines(release, "hsts") == ["docs.example max-age=300", "www.docs.example max-age=300"]
    assert all("strict-transport-security" in probe["expect"]["headers"] for probe in probes(release, "docs") if probe.get("tls"))


def test_a_slow_site_is_given_time() -> None:
    assert lines(compiled(static_site(aliases=(), limits=Limits(16, 300))), "timeouts") == ["docs.example 310000"]


def test_genesis_knows_no_site() -> None:
    manifest = compiled(static_site()).manifest
    assert manifests.emptied(manifest)["haproxy/maps/pools.map"] == b""
    assert manifests.without_sites(manifest).files["haproxy/maps/pools.map"] != manifest.files["haproxy/maps/pools.map"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("addresses", ["192.0.2.80"]),
        ("addresses", ["192.0.2.300/24"]),
        ("vrrp_id", 0),
        ("interface", "eth0 x"),
        ("trusted_probers", ["192.0.2.1/24"]),
        ("certificate", "../key"),
        ("unknown", 1),
    ],
)
def test_a_wrong_setting_is_named(field: str, value: object) -> None:
    with pytest.raises(TruthInvalid, match=field):
        edge_from({"name": "edge", "addresses": ["192.0.2.80/24"], "vrrp_id": 51, field: value})


@pytest.mark.parametrize("name", ["web 1", "web1\nserver evil 192.0.2.6", "", "-x"])
def test_a_host_name_cannot_become_a_directive(name: str) -> None:
    with pytest.raises(TruthInvalid):
        servers_from([{"name": name, "address": "192.0.2.1"}])
    with pytest.raises(TruthInvalid):
        balancers_from([{"name": name, "address": "192.0.2.1"}], EDGE)


def test_a_balancer_needs_no_dns() -> None:
    with pytest.raises(TruthInvalid, match="evenkeel_address"):
        servers_from([{"name": "web1", "address": "web1.example"}])


def test_what_authors_ask_is_asked_through_balancers_too() -> None:
    upload = Probe("upload", "docs.example", "/up", Expect((200,), site="docs"), method="POST", body="x", own=True)
    (found,) = [probe for probe in probes(compiled(static_site("docs", probes=(upload,))), "docs") if probe.get("own")]
    assert (found["method"], found["tls"], found["expect"]["headers"]) == ("POST", True, {"evenkeel-pool": "^web(-[a-z]+)?$"})


def milliseconds(name: str, within: str) -> int:
    found = re.search(rf"\b{name}\W+(\d+)(?:ms)?\b", within)
    assert found, name
    return int(found[1])


def test_requests_that_wait_for_a_connection_give_up_before_they_are_cut_off() -> None:
    release = compiled()
    let_go = text(release, "haproxy/let_go.lua")
    [rounds] = re.findall(r"ROUND_MS, ROUNDS = (\d+), (\d+)", let_go)
    assert milliseconds("timeout connect", text(release, HAPROXY)) < int(rounds[0]) * (int(rounds[1]) - 1)


def test_a_request_outlives_the_death_of_both_active_hosts() -> None:
    """Its own tries, which cost no time where hosts refuse, take both out of rotation, and one is left for a backup."""
    config = text(compiled(), HAPROXY)
    assert milliseconds("retries", config) > 2 * milliseconds("error-limit", config)


def test_one_tenant_cannot_have_every_connection_of_a_busy_pool() -> None:
    rule = "{ var(txn.pool) -m str web } { be_conn(web) ge 90 } { sc1_conn_cur(evenkeel-tenants) gt 60 }"
    assert rule in text(compiled(static_site("docs")), HAPROXY)
    assert lines(compiled(static_site("docs")), "sites") == ["docs.example docs", "www.docs.example docs"]
    alone = replace(EDGE, tenant_percent=100)
    assert "sc1_conn_cur" not in text(compiled(static_site("docs"), edge=alone), HAPROXY)
