"""One vhost of every kind, rendered without a host."""

from __future__ import annotations

from plugins.module_utils.evenkeel_compiler.model import Access, Redirect

from .builders import MEMBERS, lines, php_site, proxy_site, static_site, vhost


def test_every_vhost_says_who_it_is() -> None:
    for site in (static_site(), php_site(), proxy_site(), static_site(state="suspended", state_reason="x")):
        stamp = f'Header always set Evenkeel-Site "{site.name}" "expr=${{EVENKEEL_PROBER}}"'
        assert vhost(site).count(stamp) == vhost(site).count("<VirtualHost")


def test_a_canonical_site_redirects_its_aliases() -> None:
    main, aliases = vhost(static_site()).split("</VirtualHost>")[:2]
    assert "www.docs.example" not in main
    assert 'Redirect 301 "/" "${EVENKEEL_SCHEME}://docs.example/"' in aliases


def test_other_aliases_are_served_by_the_same_vhost() -> None:
    assert vhost(static_site(canonical=False)).count("<VirtualHost") == 1
    assert 'ServerAlias "www.docs.example"' in vhost(static_site(canonical=False))


def test_a_site_in_maintenance_answers_so_under_all_its_names() -> None:
    shown = vhost(php_site(state="maintenance", state_reason="Soon <b>", retry_after_s=60))
    assert shown.count("<VirtualHost") == 1 and 'ServerAlias "www.blog.example"' in shown
    assert 'Redirect 503 "/"' in shown and 'Header always set Retry-After "60"' in shown
    assert "Soon &#60;b&#62;" in shown
    assert "SetHandler" not in shown and "DocumentRoot" not in shown


def test_a_suspended_site_shows_nothing_of_itself() -> None:
    shown = vhost(proxy_site(state="suspended", state_reason="The contract ended."))
    assert 'Redirect 403 "/"' in shown and "ProxyPass" not in shown


def test_only_a_php_site_runs_php() -> None:
    assert 'SetHandler "proxy:unix:/run/php/blog.sock|fcgi://blog"' in vhost(php_site())
    denied = ['<FilesMatch "\\.php$">', "Require all denied", "</FilesMatch>"]
    assert "\n".join(denied) in "\n".join(lines(vhost(static_site())))


def test_access_is_decided_where_it_cannot_undo_what_the_server_denies() -> None:
    shown = vhost(php_site(access=MEMBERS))
    assert "<Location" not in shown
    assert shown.index("<Directory") < shown.index("Require valid-user") < shown.index("</Directory>")


def test_htaccess_cannot_open_what_the_site_file_closed() -> None:
    assert "AllowOverride AuthConfig" in vhost(php_site(htaccess=True))
    assert "AuthConfig" not in vhost(php_site(htaccess=True, access=MEMBERS))
    assert "AllowOverride" not in vhost(php_site())


def test_a_password_is_not_passed_on_to_the_application() -> None:
    assert "CGIPassAuth On" in vhost(php_site())
    assert "CGIPassAuth" not in vhost(php_site(access=MEMBERS))


def test_allow_and_deny_hold_together() -> None:
    shown = lines(vhost(static_site(access=Access(None, ("192.0.2.0/24", "2001:db8::/32"), ("192.0.2.7",)))))
    start = shown.index("<RequireAll>")
    assert shown[start + 1 : start + 4] == [
        "Require all granted",
        'Require ip "192.0.2.0/24" "2001:db8::/32"',
        'Require not ip "192.0.2.7"',
    ]


def test_redirects_are_exact_and_in_the_order_written() -> None:
    shown = vhost(static_site(redirects=(Redirect("/a.b", "/c", 302), Redirect("/x/*", "/y/", 301), Redirect("/z", "", 410))))
    found = [line for line in lines(shown) if line.startswith("RedirectMatch")]
    assert found == ['RedirectMatch 302 "^/a\\.b$" "/c"', 'RedirectMatch 301 "^/x/(.*)$" "/y/$1"', 'RedirectMatch 410 "^/z$"']


def test_a_proxy_leaves_redirects_to_apache() -> None:
    shown = vhost(proxy_site(redirects=(Redirect("/a.b", "/c", 302),)))
    assert shown.index('ProxyPassMatch "^/a\\.b$" "!"') < shown.index('ProxyPass "/" "http://app1:9000/"')


def test_tls_is_spoken_to_a_backend_only_where_it_wants_it() -> None:
    assert "SSLProxyEngine" not in vhost(proxy_site())
    assert "SSLProxyEngine On" in vhost(proxy_site(target="https://app1"))


def test_a_header_of_the_site_replaces_that_of_the_application() -> None:
    shown = lines(vhost(php_site(headers=(("X-Share", "50% {a}"),))))
    assert shown.index("Header onsuccess unset X-Share") + 1 == shown.index('Header always set X-Share "50%% {a}"')


def test_an_own_log_is_added_to_the_shared_one() -> None:
    assert "CustomLog" not in vhost(static_site())
    assert vhost(static_site(log="own")).count("CustomLog") == 2


def test_the_body_limit_reaches_applications_too() -> None:
    for site in (php_site(), proxy_site()):
        assert '<If "%{req_novary:Content-Length} -gt 16777216">' in vhost(site)
