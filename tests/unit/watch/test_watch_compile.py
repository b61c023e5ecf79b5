"""What a monitoring host is told to watch."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from plugins.module_utils.evenkeel_compiler import watch_build, watch_modules, watch_targets
from plugins.module_utils.evenkeel_compiler.errors import TruthInvalid
from plugins.module_utils.evenkeel_compiler.watch_build import WatchOrder
from plugins.module_utils.evenkeel_compiler.watch_expect import ANY_GOOD, Expectation, expectation
from plugins.module_utils.evenkeel_compiler.watch_targets import WatchedHost, WatchedSite

HOSTILE = ["a.b*c", "(hello) 100%", 'say "hi"\\', "x\ny", "\x00\x85\u2028", "é ü", "${X} {{ y }}", "^$|[]", "<?php", "😀"]


def probe(path: str = "/", host: str = "blog.example", **more: Any) -> dict[str, Any]:
    return {"name": "x", "host": host, "method": "GET", "path": path, "headers": {}, "expect": {"status": [200]}, **more}


def site(name: str, **expects: Any) -> WatchedSite:
    return WatchedSite(name, f"{name}.example", "web", Expectation((200,), **expects))


def test_a_site_must_answer_what_its_own_probe_of_the_front_page_expects() -> None:
    own = probe(own=True, expect={"status": [200], "contains": ["Welcome"], "lacks": ["<?php"], "site": "blog"})
    assert expectation("blog.example", [probe(), own, probe("/feed")]) == Expectation((200,), ("Welcome",), ("<?php",))


@pytest.mark.parametrize(
    "other",
    [
        probe("/deep"),
        probe(host="www.blog.example"),
        probe(method="POST"),
        probe(headers={"Authorization": "Basic c2VjcmV0"}),
        probe(headers={"Cookie": "a=b"}),
    ],
)
def test_what_no_visitor_asks_for_is_not_asked(other: dict[str, Any]) -> None:
    assert expectation("blog.example", [other]) == Expectation(ANY_GOOD)


def test_what_balancers_add_to_each_request_is_no_header_of_a_probe() -> None:
    assert expectation("blog.example", [probe(headers={"X-Forwarded-Proto": "https"})]).status == (200,)


def test_a_site_that_keeps_its_own_host_out_may_let_the_monitoring_host_in() -> None:
    assert expectation("blog.example", [probe(expect={"status": [403]})]).status == (200, 401, 403)
    assert expectation("blog.example", [probe(own=True, expect={"status": [403]})]).status == (403,)


def test_a_redirect_must_lead_where_it_should() -> None:
    moved = expectation("blog.example", [probe(expect={"status": [301], "location": "https://new.example/?a=b"})])
    http = modules(moved)["http"]
    assert http["valid_status_codes"] == [301] and http["follow_redirects"] is False
    assert http["fail_if_header_not_matches"] == [{"header": "Location", "regexp": r"^https\:\/\/new\.example\/\?a\=b$"}]


def modules(*expectations: Expectation) -> Any:
    """The one module of a site; the file read as the exporter reads it."""
    found = yaml.safe_load(watch_modules.document(expectations, "https"))["modules"]
    del found[watch_modules.ADDRESS]
    return found if len(expectations) > 1 else next(iter(found.values()))


def test_sites_that_must_answer_the_same_share_a_module() -> None:
    same = [Expectation((200,), ("Hello",)) for _ in range(5000)]
    assert len(modules(*same, Expectation((200,), ("Bye",)))) == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_looked_for_as_it_stands(text: str) -> None:
    """Go's expressions spell a code point \\x{2028}, Python's do not; everything else here means the same to both."""
    spelled = watch_modules.quoted(text)
    assert spelled.isascii() and spelled.isprintable()
    for_python = re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: re.escape(chr(int(found[1], 16))), spelled)
    assert re.fullmatch(for_python, text)
    read = modules(Expectation((200,), (text,)))["http"]["fail_if_body_not_matches_regexp"]
    assert read == [spelled]


def test_visitors_behind_balancers_must_get_tls() -> None:
    assert modules(Expectation((200,)))["http"]["fail_if_not_ssl"] is True
    assert '"fail_if_not_ssl": false' in watch_modules.document([Expectation((200,))], "http")


HOSTS = (
    WatchedHost("edge1", "192.0.2.8", "edge", 8406, ("node", "haproxy")),
    WatchedHost("web1", "2001:db8::1", "web", 8406, ("node", "apache")),
)


def targets(sites: list[WatchedSite], addresses: tuple[str, ...] = ("192.0.2.80", "192.0.2.81")) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in watch_targets.files("prod", HOSTS, sites, addresses, "https").items()}


def test_each_host_is_asked_for_what_it_shows() -> None:
    found = targets([])
    assert [one["targets"] for one in found["node.json"]] == [["192.0.2.8:8406"], ["[2001:db8::1]:8406"]]
    assert found["haproxy.json"][0]["labels"] == {"host": "edge1", "group": "edge", "environment": "prod", "instance": "edge1"}
    assert found["prometheus.json"] == []


def test_each_site_is_visited_by_name_at_the_shared_address() -> None:
    (blog,) = targets([site("blog")])["site.json"]
    assert blog["targets"] == ["https://192.0.2.80/"]
    assert blog["labels"] == {
        "site": "blog",
        "pool": "web",
        "environment": "prod",
        "__param_hostname": "blog.example",
        "__param_module": watch_modules.name(Expectation((200,))),
    }


def test_each_shared_address_is_asked_whether_it_answers() -> None:
    assert [one["targets"] for one in targets([])["address.json"]] == [["192.0.2.80:443"], ["192.0.2.81:443"]]


def test_an_environment_without_any_address_visits_nobody() -> None:
    assert targets([site("blog")], ())["site.json"] == []


def test_five_thousand_sites_are_one_file_with_a_line_each() -> None:
    text = watch_targets.files("prod", (), [site(f"s{number}") for number in range(5000)], ("192.0.2.80",), "https")["site.json"]
    assert text.count("\n") == 5002


@pytest.mark.parametrize("address", ["", "edge1.example", "192.0.2.8; rm"])
def test_a_host_without_an_address_is_refused_by_name(address: str) -> None:
    host = {"name": "edge1", "address": address, "group": "edge", "port": 8406, "modules": ["node"]}
    with pytest.raises(TruthInvalid, match=r"edge1\.ansible_host.*evenkeel_address"):
        watch_targets.hosts_from([host])


def release(folder: Path, **states: str) -> Path:
    facts = {name: {"state": state, "server_name": f"{name}.example"} for name, state in states.items()}
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"pool": "web", "sites": facts, "files": {}}))
    (folder / "probes.json").write_text(json.dumps({"sites": {name: [probe(host=f"{name}.example")] for name in states}}))
    return folder


def order(tmp_path: Path, built: Path) -> WatchOrder:
    return WatchOrder("prod", built, HOSTS, ("192.0.2.80/24",), True, tmp_path / "certs", tmp_path / "watch")


def test_sites_that_are_meant_to_be_away_are_not_watched_as_if_up(tmp_path: Path) -> None:
    built = release(tmp_path / "r", blog="active", club="suspended", shop="maintenance")
    assert watch_build.build(order(tmp_path, built)).sites == 1
    assert [one["labels"]["site"] for one in json.loads((tmp_path / "watch/targets/site.json").read_text())] == ["blog"]


def test_the_same_truth_changes_nothing_and_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    wanted = order(tmp_path, release(tmp_path / "r", blog="active"))
    assert watch_build.build(wanted, dry=True).changed and not wanted.path.exists()
    assert watch_build.build(wanted).changed
    assert not watch_build.build(wanted).changed


def test_what_is_watched_no_more_leaves_no_file(tmp_path: Path) -> None:
    wanted = order(tmp_path, release(tmp_path / "r", blog="active"))
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs/self-signed.pem").write_text("PEM")
    (tmp_path / "certs/self-signed.key").write_text("KEY")
    watch_build.build(wanted)
    assert (wanted.path / "trusted/self-signed.pem").read_text() == "PEM"
    assert "KEY" not in "".join(path.read_text() for path in wanted.path.rglob("*") if path.is_file())
    (tmp_path / "certs/self-signed.pem").unlink()
    assert watch_build.build(wanted).changed
    assert not (wanted.path / "trusted/self-signed.pem").exists()


def test_nothing_but_the_front_pages_promise_is_told(tmp_path: Path) -> None:
    """A probe may log in; its password is nobody's business on the monitoring host."""
    built = release(tmp_path / "r", blog="active")
    secret = probe("/admin", headers={"Authorization": "Basic geheim42"}, body="geheim42", own=True)
    shown = probe("/", headers={"Authorization": "Basic geheim42"}, own=True)
    (built / "probes.json").write_text(json.dumps({"sites": {"blog": [secret, shown, probe()]}}))
    wanted = order(tmp_path, built)
    watch_build.build(wanted)
    assert not [path for path in wanted.path.rglob("*") if path.is_file() and "geheim42" in path.read_text()]
