"""No value can become a directive, a template expression or a command: it is refused, by name, before it is anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

# What the field `content.<name>` needs beside it.
CONTENT: dict[str, dict[str, Any]] = {
    "repository": {"source": "git"},
    "ref": {"source": "git", "repository": "https://git.example/x.git"},
    "url": {"source": "archive", "sha256": "0" * 64},
    "sha256": {"source": "archive", "url": "https://files.example/x.tgz"},
    "folder": {"source": "git", "repository": "https://git.example/x.git"},
    "mount": {"source": "shared"},
    "fstype": {"source": "shared"},
}

KINDS: dict[str, dict[str, Any]] = {
    "static": {"kind": "static"},
    "php": {"kind": "php", "php": {}},
    "proxy": {"kind": "proxy", "proxy": {"target": "http://app1:9000"}},
}

# Ten values that pass `apache2 -t` wherever they stand, and change what it reads or end it.
TEN = {
    "quote and newline": 'x.example"\n  Require all granted',
    "end of the vhost": "</VirtualHost>",
    "variable": "${EVENKEEL_PORT}",
    "carriage return": "x.example\rAlias / /",
    "line separator": "x.example\u2028Alias / /",
    "space": "a.example b.example",
    "star": "*",
    "nul": "x.example\x00.txt",
    "next line": "x.example\u0085y",
    "backslash": "x.example\\",
}

TEXT_FIELDS = [
    "server_name", "aliases.0", "document_root", "index.0", "user", "reason", "php.socket", "php.version", "proxy.target",
    "php.settings.memory_limit", "php.settings.date.timezone", "php.settings.session.name", "redirects.0.from",
    "redirects.0.to", "headers.X-A", "error_pages.404", "access.allow.0", "access.deny.0", "access.basic_auth.realm",
    "access.basic_auth.users.ann", "probes.0.path", "probes.0.host", "probes.0.name",
    "content.repository", "content.ref", "content.url", "content.sha256", "content.folder", "content.mount", "content.fstype",
]  # fmt: skip

# Harmless where they stand: a text that is escaped, a header whose value is quoted, a probe that no configuration holds.
FINE = {
    ("reason", "star"), ("reason", "space"), ("headers.X-A", "star"), ("headers.X-A", "space"),
    ("headers.X-A", "end of the vhost"), ("access.basic_auth.realm", "space"), ("probes.0.name", "space"),
}  # fmt: skip

HOSTILE: list[tuple[str, Any]] = [
    # host names
    ("server_name", "Blog.example"),
    ("server_name", "blog.example."),
    ("server_name", "*.example"),
    ("server_name", "192.0.2.1"),
    ("server_name", "[2001:db8::1]"),
    ("server_name", "blog.example:8080"),
    ("server_name", "http://blog.example"),
    ("server_name", "bücher.example"),
    ("server_name", "xn--zzzzz99999999.example"),
    ("server_name", "xn--a.example"),
    ("server_name", "ab--cd.example"),
    ("server_name", "-blog.example"),
    ("server_name", "blog-.example"),
    ("server_name", "blog..example"),
    ("server_name", "blog_x.example"),
    ("server_name", "localhost"),
    ("server_name", "x.localhost.localhost"),
    ("server_name", f"{'a' * 64}.example"),
    ("server_name", ".".join(["abcdefgh"] * 40)),
    ("server_name", "blog.example\n"),
    ("server_name", "blog.example#x"),
    ("server_name", "blog.example/x"),
    ("server_name", "blog.example,x.example"),
    ("server_name", "bl\u043eg.example"),
    ("server_name", "blog\u200b.example"),
    ("server_name", ""),
    ("server_name", None),
    ("server_name", 7),
    ("server_name", ["a.example"]),
    ("aliases.0", "Require"),
    ("aliases.0", "a.example\tb.example"),
    # paths
    ("document_root", ".."),
    ("document_root", "public/../../other"),
    ("document_root", "/etc"),
    ("document_root", "./public"),
    ("document_root", "."),
    ("document_root", ""),
    ("document_root", ".git"),
    ("document_root", "-rf"),
    ("document_root", "public/"),
    ("document_root", "public//x"),
    ("document_root", "pub lic"),
    ("document_root", "~root"),
    ("document_root", "public\n"),
    ("document_root", "%u"),
    ("index.0", "../index.html"),
    ("index.0", "/etc/passwd"),
    ("index.0", ".htpasswd"),
    ("index.0", "disabled html"),
    ("error_pages.404", "http://evil.example/"),
    ("error_pages.404", "/../404.html"),
    ("error_pages.404", "404.html"),
    ("error_pages.404", "/.env"),
    ("error_pages.404", "//evil.example/x"),
    ("error_pages.200", "/ok.html"),
    ("error_pages.404 x", "/ok.html"),
    # users and sockets
    ("user", "root"),
    ("user", "www-data"),
    ("user", "evenkeel"),
    ("user", "mysql"),
    ("user", "systemd-network"),
    ("user", "0"),
    ("user", "Root"),
    ("user", "-u"),
    ("user", "a:b"),
    ("user", "a" * 32),
    ("user", "%i"),
    ("php.socket", "../mysqld/mysqld"),
    ("php.socket", "/run/docker"),
    ("php.socket", "php8.2-fpm"),
    # php
    ("php.version", "8.2/../../x"),
    ("php.version", "9.9"),
    ("php.settings.memory_limit", "-1"),
    ("php.settings.memory_limit", "128M\nauto_prepend_file=/tmp/x"),
    ("php.settings.memory_limit", "128M ; x"),
    ("php.settings.memory_limit", "0"),
    ("php.settings.memory_limit", 134217728),
    ("php.settings.display_errors", True),
    ("php.settings.display_errors", "on"),
    ("php.settings.log_errors", False),
    ("php.settings.auto_prepend_file", "/tmp/x"),
    ("php.settings.open_basedir", "/"),
    ("php.settings.extension", "x.so"),
    ("php.settings.disable_functions", ""),
    ("php.settings.sendmail_path", "/bin/sh"),
    ("php.settings.session.save_path", "/tmp"),
    ("php.settings.session.save_handler", "files"),
    ("php.settings.session.cookie_httponly", False),
    ("php.settings.date.timezone", "Europe/../../etc/passwd"),
    ("php.settings.date.timezone", '"Europe/Berlin"'),
    ("php.settings.session.name", "A=B"),
    ("php.settings.max_execution_time", 0),
    ("php.settings.max_execution_time", "30"),
    ("php.max_children", 0),
    ("php.max_children", 100000),
    ("php.max_children", True),
    ("php.max_children", "5\npm = static"),
    ("php.isolation", "none"),
    # proxies
    ("proxy.target", "http://user:secret@app1:9000"),
    ("proxy.target", "http://app1:9000/?x=1"),
    ("proxy.target", "http://app1:9000/#x"),
    ("proxy.target", "http://app1:9000/"),
    ("proxy.target", "http://app1:0"),
    ("proxy.target", "http://app1:99999"),
    ("proxy.target", "ftp://app1"),
    ("proxy.target", "unix:/run/x.sock|http://x"),
    ("proxy.target", "fcgi://app1:9000"),
    ("proxy.target", "balancer://x"),
    ("proxy.target", "http://app1:9000/../x"),
    ("proxy.target", "http://app1 retry=0"),
    ("proxy.target", "http://$1.example"),
    ("proxy.target", "http://169.254.169.254"),
    ("proxy.target", "http://0.0.0.0:9000"),
    ("proxy.target", "http://[fe80::1]:9000"),
    ("proxy.target", "http://[::]:9000"),
    ("proxy.target", "http://[1:2]:9000"),
    ("proxy.target", "http://2130706433:9000"),
    ("proxy.target", "http://127.1:9000"),
    ("proxy.target", "http://1.2.3.256:9000"),
    ("proxy.target", "http://localhost"),
    ("proxy.target", "http://127.0.0.1:80"),
    ("proxy.target", "https://[::1]"),
    ("proxy.target", "!"),
    ("proxy.connect_timeout_s", 0),
    ("proxy.websocket", "On"),
    # redirects
    ("redirects.0.from", "/a b"),
    ("redirects.0.from", "/a/../b"),
    ("redirects.0.from", "old"),
    ("redirects.0.from", "//x"),
    ("redirects.0.from", "/a*"),
    ("redirects.0.from", "/*/b"),
    ("redirects.0.from", "/(a+)+$"),
    ("redirects.0.from", "/%2e%2e"),
    ("redirects.0.from", "/a?x=1"),
    ("redirects.0.to", "//evil.example"),
    ("redirects.0.to", "/$1"),
    ("redirects.0.to", "/%{HTTP_HOST}"),
    ("redirects.0.to", "/%{env:PATH}"),
    ("redirects.0.to", "http://u:p@x.example/"),
    ("redirects.0.to", "http://x.example"),
    ("redirects.0.to", "http://x.example:0/"),
    ("redirects.0.to", "http://x.example:99999/"),
    ("redirects.0.to", "javascript:alert(1)"),
    ("redirects.0.to", "/a [R=301,E=x:y]"),
    ("redirects.0.to", "/a\u00a0b"),
    ("redirects.0.code", 200),
    ("redirects.0.code", 410),
    ("redirects.0.code", "301"),
    # headers
    ("headers.X-A", 'a" env=x'),
    ("headers.X-A", "%{HOSTNAME}e"),
    ("headers.X-A", "expr=%{REMOTE_USER}"),
    ("headers.X-A", "EXPR=file('/etc/passwd')"),
    ("headers.X-A", "expr=file('/etc/passwd')"),
    ("headers.X-A", "{{ lookup('pipe', 'id') }}"),
    ("headers.X-A", "{% for x in y %}"),
    ("headers.X-A", "{# x #}"),
    ("headers.X-A", "a\r\nSet-Cookie: x=1"),
    ("headers.X-A", " a"),
    ("headers.X-A", "a "),
    ("headers.X-A", "é"),
    ("headers.X-A", ""),
    ("headers.X A", "a"),
    ("headers.X-A:", "a"),
    ('headers."X', "a"),
    ("headers.Connection", "close"),
    ("headers.transfer-encoding", "chunked"),
    ("headers.Content-Length", "0"),
    ("headers.Evenkeel-Site", "other"),
    ("headers.evenkeel-release", "x"),
    ("headers.Set-Cookie", "a=b"),
    # access
    ("access.allow.0", "all"),
    ("access.allow.0", "192.0.2.1/24"),
    ("access.allow.0", "192.0.2.0/33"),
    ("access.allow.0", "192.0.2"),
    ("access.allow.0", "1.2.3.4 granted"),
    ("access.allow.0", "fe80::1%eth0"),
    ("access.deny.0", "env=x"),
    ("access.deny.0", ""),
    ("access.basic_auth.users.ann", "plain-password"),
    ("access.basic_auth.users.ann", "$1$abcdefgh$0123456789012345678901"),
    ("access.basic_auth.users.ann", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="),
    ("access.basic_auth.users.ann", "$2y$05$" + "a" * 53 + "\n"),
    ("access.basic_auth.users.ann", "$2y$05$" + "a" * 52 + ":"),
    ("access.basic_auth.users.ann", "$2y$31$" + "a" * 53),
    ("access.basic_auth.users.a:b", "$2y$05$" + "a" * 53),
    ("access.basic_auth.realm", 'x" \nRequire all granted'),
    # texts and times
    ("reason", "<script>alert(1)</script>"),
    ("reason", 'closed"'),
    ("reason", "x" * 201),
    ("retry_after_s", -1),
    ("retry_after_s", "60\r\nX: y"),
    ("limits.body_mb", 0),
    ("limits.timeout_s", 10**30),
    ("limits.body_mb", 1.5),
    ("state", "gone"),
    ("log", "|/bin/sh"),
    ("log", "/etc/cron.d/x"),
    ("htaccess", "All"),
    ("canonical", "yes please"),
    # variables of templates
    ("vars.x", "{{ secrets.db_password }}"),
    ("vars.x", "${PATH}"),
    ("vars.db_password", "hunter2"),
    ("vars.__class__", "x"),
    ("vars.x", ["a"]),
    # probes
    ("probes.0.path", "about"),
    ("probes.0.path", "/a b"),
    ("probes.0.path", "/a\r\nHost: other"),
    ("probes.0.path", "/é"),
    ("probes.0.host", "other.example"),
    ("probes.0.host", "169.254.169.254"),
    ("probes.0.method", "TRACE"),
    ("probes.0.method", "GET / HTTP/1.1\r\n"),
    ("probes.0.headers.Host", "other.example"),
    ("probes.0.headers.Evenkeel-Site", "other"),
    ("probes.0.headers.X-A", "a\r\nb"),
    ("probes.0.headers.X A", "a"),
    ("probes.0.expect.status", 99),
    ("probes.0.expect.status", []),
    ("probes.0.expect.headers.X-A", "("),
    ("probes.0.expect.headers.X-A", "(a+)+b"),
    ("probes.0.expect.headers.X-A", "(a|a)*b"),
    ("probes.0.expect.headers.X-A", ".*.*.*x"),
    ("probes.0.expect.headers.X-A", "a{1,9}{1,9}{1,9}{1,9}"),
    ("probes.0.expect.headers.X-A", r"(a)\1"),
    ("probes.0.expect.headers.X-A", "(?=a)"),
    ("probes.0.expect.contains", ""),
    ("probes.0.expect.content_type", "text/html; charset=x"),
    # content
    ("content.source", "rsync"),
    ("content.repository", "https://user:secret@git.example/blog.git"),
    ("content.repository", "ext::sh -c id"),
    ("content.repository", "--upload-pack=id"),
    ("content.repository", "https://git.example/../blog.git"),
    ("content.repository", "ssh://-oProxyCommand=id/x"),
    ("content.repository", "git@git.example:blog.git"),
    ("content.ref", "--force"),
    ("content.ref", "main..dev"),
    ("content.ref", "a b"),
    ("content.ref", "refs/heads/../x"),
    ("content.url", "ftp://files.example/a.tgz"),
    ("content.url", "file://etc/passwd"),
    ("content.url", "https://files.example/a.tgz?x={{ x }}"),
    ("content.sha256", "e3b0"),
    ("content.sha256", "E" * 64),
    ("content.folder", "../x"),
    ("content.folder", "/etc"),
    ("content.folder", ".git"),
    ("content.mount", "srv/www"),
    ("content.mount", "/srv/../etc"),
    ("content.mount", "/mnt/elsewhere"),
    ("content.fstype", "nfs4,ro"),
    ("content.exclude", ["*"]),
    # unknown fields are no back doors
    ("raw", "SetHandler server-status"),
    ("apache.extra", "Include /etc/shadow"),
    ("<<", {"kind": "php"}),
    ("php.pool_extra", "x"),
    ("proxy.set", "x"),
    ("redirects.0.flags", "R"),
]


def document(field: str, value: Any) -> dict[str, Any]:
    """A good site, but for one field."""
    kind = field.partition(".")[0]
    site: dict[str, Any] = {"server_name": "good.example", **json.loads(json.dumps(KINDS.get(kind, KINDS["static"])))}
    _put(site, _parts(field), value)
    if field.startswith("redirects.0."):
        site["redirects"][0] = {"from": "/old", "to": "/new", **site["redirects"][0]}
    if field.startswith("probes.0."):
        site["probes"][0] = {"path": "/x", **site["probes"][0]}
    if field.startswith("content."):
        site["content"] = {**CONTENT.get(field.partition(".")[2], {}), **site["content"]}
    if field == "access.basic_auth.realm":
        site["access"]["basic_auth"]["users"] = {"ann": "$2y$05$" + "a" * 53}
    return site


def _parts(field: str) -> list[str]:
    _, settings, name = field.partition("php.settings.")
    return ["php", "settings", name] if settings else field.split(".")


def _put(target: Any, parts: list[str], value: Any) -> None:
    """`aliases.0` makes a list, `php.version` a mapping."""
    name, *rest = parts
    if not rest:
        target[name] = value
    elif rest[0] == "0":
        target[name] = [{}]
        _put_first(target[name], rest[1:], value)
    else:
        _put(target.setdefault(name, {}), rest, value)


def _put_first(entries: list[Any], rest: list[str], value: Any) -> None:
    if rest:
        _put(entries[0], rest, value)
    else:
        entries[0] = value


def blamed(field: str) -> set[str]:
    """The field itself, or for code 410 the target that must not be there."""
    return {field, "redirects.0.to"} if field == "redirects.0.code" else {field, field.rpartition(".")[0]}


@pytest.mark.parametrize(("field", "value"), HOSTILE, ids=[f"{field}={value!r}"[:70] for field, value in HOSTILE])
def test_a_hostile_value_is_refused(sites, field, value):
    sites.site("good", text=json.dumps(document(field, value)))
    problems = sites.problems()
    assert problems, "accepted"
    assert {problem.field for problem in problems} & blamed(field) or "U+" in str(problems[0]), problems


@pytest.mark.parametrize("name", TEN)
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_what_apache_would_take_is_refused_in_every_text(sites, field, name):
    sites.site("good", text=json.dumps(document(field, TEN[name])))
    assert bool(sites.problems()) != ((field, name) in FINE)


@pytest.mark.parametrize("value", [*TEN.values(), "\x1b]0;x\x07", "\u202egnp.exe", "é" * 300], ids=ascii)
def test_a_message_is_safe_to_print(sites, value):
    sites.site("good", text=json.dumps({"server_name": value, "kind": value, value: value}))
    assert all(line.isprintable() and line.isascii() for line in map(str, sites.problems()))


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_a_trailing_newline_is_no_way_past_a_pattern(sites, field):
    good = {"server_name": "x.example", "reason": "Closed.", "redirects.0.from": "/x", "proxy.target": "http://app1"}
    sites.site("good", text=json.dumps(document(field, good.get(field, "x") + "\n")))
    assert "U+000A" in str(sites.problems()[0])


@pytest.mark.parametrize("name", ["default", "evenkeel", "root", "www-data", "mail"])
def test_a_folder_cannot_take_a_name_of_the_system(sites, name):
    sites.site(name)
    assert sites.problems()


GOOD: list[tuple[str, Any]] = [
    ("server_name", "xn--bcher-kva.example"),
    ("server_name", "xn--strae-oqa.example"),
    ("server_name", "1blog.example"),
    ("aliases.0", "www.good.example"),
    ("document_root", "app/web_root-1.2"),
    ("php.version", 8.4),
    ("php.settings.display_errors", False),
    ("php.settings.memory_limit", "1G"),
    ("php.settings.date.timezone", "America/Argentina/Buenos_Aires"),
    ("proxy.target", "https://[2001:db8::7]:8443/v1"),
    ("proxy.target", "http://127.0.0.1:9000"),
    ("redirects.0.from", "/.well-known/x"),
    ("redirects.0.from", "/a/*"),
    ("redirects.0.to", "https://x.example/a?b=c&d=e#f"),
    ("headers.Content-Security-Policy", "default-src 'self'; img-src https: data:"),
    ("headers.Link", "</style.css>; rel=preload"),
    ("headers.X-XSS-Protection", 0),
    ("access.allow.0", "2001:db8::/32"),
    ("access.basic_auth.users.ann", "$apr1$abcdefgh$" + "a" * 22),
    ("access.basic_auth.users.ann", "$2y$10$" + "a" * 53),
    ("reason", "Wir kommen wieder: am 3. März, um 9 Uhr."),
    ("vars.x", True),
    ("probes.0.path", "/search?q=%C3%A9&x=[1]"),
    ("probes.0.expect.lacks", ["{{", "<?php"]),
    ("probes.0.expect.headers.X-A", r"max-age=\d+, (public|private)$"),
    ("probes.0.expect.headers.X-A", "[+*{]+"),
    ("probes.0.expect.status", [401, 403]),
    ("content.source", "local"),
    ("content.repository", "ssh://git@git.example:2222/team/blog.git"),
    ("content.repository", "file:///srv/git/blog.git"),
    ("content.ref", "release/2026-11.1"),
    ("content.url", "file:///srv/archives/blog-1.4.tar.gz"),
    ("content.folder", "dist/public"),
    ("content.mount", "/srv/www"),
    ("content.fstype", "fuse.glusterfs"),
]


@pytest.mark.parametrize(("field", "value"), GOOD, ids=[f"{field}={value!r}"[:70] for field, value in GOOD])
def test_an_honest_value_is_taken(sites, field, value):
    sites.site("good", text=json.dumps(document(field, value)))
    assert sites.problems() == ()
