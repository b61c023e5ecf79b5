"""The probes that each site gets without asking."""

from __future__ import annotations

from typing import Any

from plugins.module_utils.evenkeel_compiler.model import Access, Expect, Probe, Redirect, Site
from plugins.module_utils.evenkeel_compiler.probes import document, site_probes
from tests.templates.builders import MEMBERS, SETTINGS, php_site, proxy_site, static_site


def asked(site: Site) -> dict[str, dict[str, Any]]:
    """The expectations of a site's probes by host and path."""
    documents = [document(probe) for probe in site_probes(site)]
    return {entry["host"].removesuffix(".example") + entry["path"]: entry["expect"] for entry in documents}


def test_every_answer_proves_which_site_gave_it() -> None:
    for site in (static_site(), php_site(), proxy_site(), static_site(state="suspended", state_reason="x")):
        assert {probe.expect.site for probe in site_probes(site)} == {site.name}


def test_a_front_page_answers_and_shows_no_source() -> None:
    assert asked(php_site())["blog/"] == {"status": [200], "site": "blog", "lacks": ["<?php", "Index of /"]}


def test_promised_headers_are_proved() -> None:
    site = static_site(headers=(("X-Frame-Options", "SAMEORIGIN"), ("X-A", "a (b)")))
    assert asked(site)["docs/"]["headers"] == {"x-frame-options": "^SAMEORIGIN$", "x-a": "^a\\ \\(b\\)$"}


def test_a_login_is_asked_for() -> None:
    expect = asked(php_site(access=MEMBERS))["blog/"]
    assert expect["status"] == [401] and expect["headers"]["www-authenticate"] == "^Basic "


def test_whoever_is_not_let_in_stays_outside() -> None:
    assert asked(static_site(access=Access(None, ("192.0.2.0/24",), ())))["docs/"]["status"] == [403]
    assert asked(static_site(access=Access(None, ("127.0.0.0/8",), ())))["docs/"]["status"] == [200]
    assert asked(static_site(access=Access(None, (), ("127.0.0.1",))))["docs/"]["status"] == [403]
    assert asked(static_site(access=Access(None, (), ("192.0.2.7",))))["docs/"]["status"] == [200]


def test_the_sites_own_word_on_its_front_page_counts() -> None:
    own = Probe("home", "blog.example", "/", Expect((302,), location="/start"))
    expect = asked(php_site(probes=(own,)))
    assert expect["blog/"] == {"status": [302], "site": "blog", "lacks": ["<?php"], "location": "/start"}
    assert expect["www.blog/"]["status"] == [301]


def test_the_sites_own_front_page_proves_promised_headers_too() -> None:
    own = Probe("home", "docs.example", "/", Expect((200,), headers=(("X-A", "z"),)))
    expect = asked(static_site(headers=(("X-A", "b"), ("X-B", "c")), probes=(own,)))
    assert expect["docs/"]["headers"] == {"X-A": "z", "x-b": "^c$"}


def test_a_probe_that_logs_in_does_not_replace_the_one_that_cannot() -> None:
    own = Probe("home", "blog.example", "/", Expect((200,)), headers=(("Authorization", "Basic YW5uOnBhc3M="),))
    front = [probe for probe in site_probes(php_site(access=MEMBERS, probes=(own,))) if probe.path == "/"]
    assert [probe.expect.status for probe in front if probe.host == "blog.example"] == [(401,), (200,)]


def test_aliases_are_proved_as_written() -> None:
    assert asked(static_site())["www.docs/"] == {"status": [301], "site": "docs", "location": "http://docs.example/"}
    served = asked(static_site(canonical=False))
    assert served["www.docs/"] == served["docs/"]


def test_redirects_are_proved_as_written() -> None:
    redirects = (Redirect("/a", "/b", 302), Redirect("/x/*", "https://y.example/", 308), Redirect("/gone", "", 410))
    expect = asked(static_site(redirects=redirects))
    assert expect["docs/a"] == {"status": [302], "site": "docs", "location": "/b"}
    assert expect["docs/x/evenkeel"]["location"] == "https://y.example/evenkeel"
    assert expect["docs/gone"] == {"status": [410], "site": "docs"}


def test_a_redirect_that_an_earlier_one_hides_is_not_asked() -> None:
    expect = asked(static_site(redirects=(Redirect("/*", "https://new.example/", 301), Redirect("/a", "/b", 302))))
    assert set(expect) == {"www.docs/", "docs/evenkeel"}


def test_nothing_hidden_is_readable() -> None:
    expect = asked(php_site(settings=SETTINGS))
    for path in ("/.git/HEAD", "/.env", "/index.php.bak", "/wp-config.php~"):
        assert expect[f"blog{path}"] == {"status": [403, 404], "site": "blog", "lacks": ["<?php"]}
    assert 200 in expect["blog/wp-config.php"]["status"] and expect["blog/wp-config.php"]["lacks"] == ["<?php"]
    assert "blog/robots.txt" not in expect


def test_a_proxied_application_owns_its_paths() -> None:
    assert set(asked(proxy_site())) == {"api/", "www.api/"}


def test_maintenance_is_proved_everywhere() -> None:
    expect = asked(php_site(state="maintenance", state_reason="x", retry_after_s=60))
    assert set(expect) == {"blog/", "www.blog/", "blog/maintenance/deep.php"}
    for each in expect.values():
        assert each["status"] == [503] and each["headers"] == {"retry-after": "^60$"}


def test_a_suspended_site_is_proved_to_be_shut() -> None:
    own = Probe("home", "docs.example", "/", Expect((200,)))
    expect = asked(static_site(state="suspended", state_reason="x", probes=(own,)))
    assert {tuple(each["status"]) for each in expect.values()} == {(403,)}


def test_a_site_without_wishes_costs_few_requests() -> None:
    assert len(site_probes(php_site(settings=SETTINGS))) <= 8


def test_a_probe_is_spelled_as_the_contract_says() -> None:
    own = Probe("form", "docs.example", "/f", Expect((200,), contains=("ok",)), "POST", (("X-A", "1"),), "q=1")
    assert document(own) == {
        "name": "form",
        "host": "docs.example",
        "method": "POST",
        "path": "/f",
        "headers": {"X-A": "1"},
        "body": "q=1",
        "expect": {"status": [200], "contains": ["ok"]},
    }


def test_a_probe_says_whose_it_is_and_how_much_it_sends() -> None:
    own = Probe("upload", "docs.example", "/u", Expect((200,)), "POST", body_kb=30, own=True)
    assert {name: document(own)[name] for name in ("own", "body_kb")} == {"own": True, "body_kb": 30}
    assert not any("own" in document(probe) for probe in site_probes(php_site()))
