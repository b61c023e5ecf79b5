"""What a schema cannot say about one site: fields that depend on each other, and values with a meaning."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from . import hostname, networks
from .errors import Complaint, NoValue, Path
from .schema import named
from .site_file import SiteFile, names

RESERVED_SITES = {"default", "evenkeel"}  # the default vhost's stamp and the pool that every PHP master has

# Debian's base-passwd, and what the services of a web host bring along.
SYSTEM_USERS = frozenset({
    "root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy", "www-data",
    "backup", "list", "irc", "gnats", "nobody", "nogroup", "sudo", "adm", "staff", "shadow", "users", "operator",
    "src", "tty", "disk", "kmem", "dialout", "fax", "voice", "cdrom", "floppy", "tape", "audio", "dip", "video",
    "plugdev", "sasl", "utmp", "input", "sgx", "kvm", "render", "crontab", "messagebus", "sshd", "ssh", "mysql",
    "postgres", "redis", "memcache", "memcached", "haproxy", "keepalived", "apache", "nginx", "php", "evenkeel",
    "postfix", "postdrop", "dnsmasq", "ntp", "chrony", "uuidd", "tcpdump", "polkitd", "landscape", "admin",
    "docker", "lxd", "syslog", "netdev", "ftp",
})  # fmt: skip

# Set by Apache, by the application or by Evenkeel's own stamps; RFC 9110, 7.6.1 for the hop-by-hop ones.
REFUSED_HEADERS = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade", "content-length", "content-encoding", "content-range", "content-type", "date",
    "host", "location", "server", "status", "set-cookie",
})  # fmt: skip
REFUSED_PROBE_HEADERS = frozenset({
    "connection", "content-length", "host", "transfer-encoding", "upgrade", "te", "trailer", "expect",
})  # fmt: skip

_OPENERS = re.compile(r"\$\{|%\{|\{\{|\{%|\{#")
_PASSWORD = re.compile(r"pass(word|wd|phrase)?$|secret|private_key|_salt$|token$")
_NOT_FOR = {
    "static": ("php", "proxy"),
    "php": ("proxy",),
    "proxy": ("php", "document_root", "index", "htaccess", "error_pages", "content"),
}


_CONTENT_NEEDS = {"git": ("repository",), "archive": ("url", "sha256")}
_CONTENT_MAY = {"git": ("ref", "folder"), "archive": ("folder",), "shared": ("mount", "fstype")}


def complaints(file: SiteFile) -> Iterator[Complaint]:
    """Everything wrong with a file that its schema accepts."""
    for check in _CHECKS:
        yield from check(file)


def _identity(file: SiteFile) -> Iterator[Complaint]:
    if file.name in RESERVED_SITES:
        yield (), NoValue(), f"another folder name; {file.name} is used by Evenkeel itself"
    user = file.values.get("user", file.name)
    if user in SYSTEM_USERS or user.startswith("systemd-"):
        yield (
            ("user",),
            user,
            "a user of the site's own, not one of the system; name one with `user:`",
        )


def _names(file: SiteFile) -> Iterator[Complaint]:
    for path, name in names(file):
        wrong = hostname.complaint(name)
        if wrong:
            yield path, name, wrong


def _kind(file: SiteFile) -> Iterator[Complaint]:
    kind = file.values["kind"]
    for name in _NOT_FOR[kind]:
        if name in file.given:
            yield (name,), NoValue(), f"nothing here: it means nothing for kind {kind}"
    if kind == "proxy" and "proxy" not in file.given:
        yield ("proxy",), NoValue(), "missing; kind proxy needs `proxy: {target: http://host:port}`"


def _state(file: SiteFile) -> Iterator[Complaint]:
    if file.values["state"] in ("suspended", "maintenance") and not file.values["reason"]:
        yield ("reason",), NoValue(), f"missing; visitors of a site in state {file.values['state']} read it"


def _templates(file: SiteFile) -> Iterator[Complaint]:
    """No value opens an expression of Apache, mod_rewrite or Jinja, whatever else its pattern says."""
    if b"\\" not in file.raw and not _OPENERS.search(file.raw.decode()):
        return  # only an escape can hide an opener from a look at the whole file
    for path, value in _leaves((), {name: value for name, value in file.values.items() if name != "probes"}):
        if _OPENERS.search(value):
            yield path, value, "a value without ${ %{ {{ {% or {#"


def _leaves(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), key
            yield from _leaves((*path, key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves((*path, str(number)), inner)


def _headers(file: SiteFile) -> Iterator[Complaint]:
    yield from _header_names(("headers",), file.values["headers"], REFUSED_HEADERS)


def _header_names(path: Path, headers: dict[str, Any], refused: frozenset[str]) -> Iterator[Complaint]:
    seen: set[str] = set()
    for name in headers:
        lower = name.lower()
        if lower in refused or lower.startswith("evenkeel-"):
            yield (*path, name), NoValue(), "another header; this one is not a site's to set"
        if lower in seen:
            yield (*path, name), NoValue(), "each header once; upper and lower case are the same"
        seen.add(lower)


def _access(file: SiteFile) -> Iterator[Complaint]:
    access = file.values["access"]
    for side in ("allow", "deny"):
        for number, text in enumerate(access.get(side, [])):
            wrong = networks.complaint(text)
            if wrong:
                yield ("access", side, str(number)), text, wrong
    yield from _logins(file, access.get("basic_auth", {}).get("users", {}))


def _logins(file: SiteFile, users: dict[str, Any]) -> Iterator[Complaint]:
    pattern = _hash_pattern()
    for user, value in users.items():
        path = ("access", "basic_auth", "users", user)
        if isinstance(value, dict) and value["secret"] not in file.secrets:
            yield (
                (*path, "secret"),
                NoValue(),
                f"a secret of this site in the vault (evenkeel_secrets.{file.name}); there is no {value['secret']}",
            )
        elif isinstance(value, dict) and not pattern.match(file.secrets[value["secret"]]):
            yield (
                (*path, "secret"),
                NoValue(),
                "a secret that holds a bcrypt, apr1 or crypt-SHA hash as `htpasswd -nB` prints it",
            )


@cache
def _hash_pattern() -> re.Pattern[str]:
    """The schema's own pattern for hashes, for those that come from the vault."""
    users = named("site").tree["properties"]["access"]["properties"]["basic_auth"]["properties"]["users"]
    return re.compile(users["additionalProperties"]["pattern"].replace("$", r"\Z"))


def _proxy(file: SiteFile) -> Iterator[Complaint]:
    if "proxy" not in file.given:
        return
    target = file.values["proxy"]["target"]
    for wrong in _target(target):
        yield ("proxy", "target"), target, wrong


def _target(target: str) -> Iterator[str]:
    try:
        parts = urlsplit(target)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        yield "a URL with a valid host and a port from 1 to 65535"
        return
    address = _address(host)
    if address is None and (":" in host or host.rpartition(".")[2].isdigit()):
        yield "a host name or a complete address"
    if address and (address.is_link_local or address.is_unspecified or address.is_multicast or address.is_reserved):
        yield "the address of a backend, not a link-local, unspecified, multicast or reserved one"
    if port in (None, 80, 443) and (host == "localhost" or host.endswith(".localhost") or (address and address.is_loopback)):
        yield "a backend; port 80 and 443 of this machine are Apache itself"


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _content(file: SiteFile) -> Iterator[Complaint]:
    content = file.values["content"]
    source = content["source"]
    needed = _CONTENT_NEEDS.get(source, ())
    for name in needed:
        if name not in content:
            yield ("content", name), NoValue(), f"missing; source {source} needs {' and '.join(needed)}"
    for name in content:
        if name not in ("source", *needed, *_CONTENT_MAY.get(source, ())):
            yield ("content", name), NoValue(), f"nothing here: it means nothing for source {source}"


def _redirects(file: SiteFile) -> Iterator[Complaint]:
    seen: set[str] = set()
    for number, redirect in enumerate(file.values["redirects"]):
        path = ("redirects", str(number))
        if redirect["from"] in seen:
            yield (*path, "from"), redirect["from"], "each address once; an entry above has it already"
        seen.add(redirect["from"])
        if (redirect["code"] == 410) == ("to" in redirect):
            yield (
                (*path, "to"),
                redirect.get("to", NoValue()),
                "nothing with code 410, a path or a URL with every other code",
            )
        if not _has_good_port(redirect.get("to", "/")):
            yield (*path, "to"), redirect["to"], "a port from 1 to 65535"


def _has_good_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _php(file: SiteFile) -> Iterator[Complaint]:
    settings = file.values.get("php", {}).get("settings", {})
    upload, post = settings.get("upload_max_filesize"), settings.get("post_max_size")
    if upload and post and _mebibytes(upload) > _mebibytes(post):
        yield ("php", "settings", "upload_max_filesize"), upload, f"at most post_max_size, which is {post}"


def _mebibytes(size: str) -> int:
    return int(size[:-1]) * (1024 if size.endswith("G") else 1)


def _vars(file: SiteFile) -> Iterator[Complaint]:
    for name in file.values["vars"]:
        if _PASSWORD.search(name):
            yield (
                ("vars", name),
                NoValue(),
                f"no secrets; put it into the vault (evenkeel_secrets.{file.name}.{name}) and write secrets.{name}",
            )


def _probes(file: SiteFile) -> Iterator[Complaint]:
    own = {name for _, name in names(file)}
    for number, probe in enumerate(file.values["probes"]):
        path = ("probes", str(number))
        if "host" in probe and probe["host"] not in own:
            yield (*path, "host"), probe["host"], "the site's server_name or one of its aliases"
        if "body" in probe and probe["method"] in ("GET", "HEAD", "OPTIONS"):
            yield (*path, "body"), NoValue(), f"nothing here: {probe['method']} has no body"
        if "body_kb" in probe and probe["method"] in ("GET", "HEAD", "OPTIONS"):
            yield (*path, "body_kb"), NoValue(), f"nothing here: {probe['method']} has no body"
        yield from _header_names((*path, "headers"), probe["headers"], REFUSED_PROBE_HEADERS)
        yield from _expected((*path, "expect"), probe["method"], probe["expect"])


def _expected(path: Path, method: str, expect: dict[str, Any]) -> Iterator[Complaint]:
    for name in ("contains", "lacks"):
        if method == "HEAD" and expect[name]:
            yield (*path, name), NoValue(), "nothing here: an answer to HEAD has no body"
    for header, pattern in expect["headers"].items():
        wrong = _expression(pattern)
        if wrong:
            yield (*path, "headers", header), pattern, wrong


def _expression(pattern: str) -> str | None:
    """A header's expression runs on every host at every push: it must be valid, and must end soon whatever it meets."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"a regular expression ({error})"
    bare = re.sub(r"\\.|\[\^?\]?(\\.|[^\]\\])*\]", "x", pattern)
    if re.search(r"\)[*+{]|\(\?[^:]", bare) or re.search(r"\\[1-9]", pattern):
        return "an expression without repeated groups, look-around and back-references"
    if len(re.findall(r"[*+{]", bare)) > 2:
        return "an expression with at most two of * + {n}"
    return None


_CHECKS: tuple[Callable[[SiteFile], Iterator[Complaint]], ...] = (
    _identity,
    _names,
    _kind,
    _state,
    _templates,
    _headers,
    _access,
    _proxy,
    _content,
    _redirects,
    _php,
    _vars,
    _probes,
)
