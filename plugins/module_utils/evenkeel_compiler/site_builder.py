"""From a checked site file to the complete `Site`: every default filled in, every list in a stable order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from . import networks
from .model import Access, BasicAuth, Content, Expect, Learn, Limits, Php, Pool, Probe, Proxy, Redirect, SettingsFile, Site, Tls
from .site_file import SiteFile

_ON_OFF = {"true": "On", "on": "On", "false": "Off", "off": "Off"}
_INDEX = {"php": ("index.php", "index.html"), "static": ("index.html",), "proxy": ()}


def build(file: SiteFile, pool: Pool) -> Site:
    """The site, still without its settings files (they are rendered from its facts)."""
    values = file.values
    home = f"{pool.sites_root}/{file.name}"
    return Site(
        name=file.name,
        source=file.source,
        server_name=values["server_name"],
        aliases=tuple(sorted(values["aliases"])),
        canonical=values["canonical"],
        kind=values["kind"],
        state=values["state"],
        state_reason=values["reason"],
        retry_after_s=values["retry_after_s"],
        user=values.get("user", file.name),
        home=home,
        document_root=f"{home}/{values['document_root']}",
        index=tuple(values.get("index", _INDEX[values["kind"]])),
        htaccess=values["htaccess"],
        php=_php(values["php"], file.name, pool) if values["kind"] == "php" else None,
        proxy=Proxy(**values["proxy"]) if values["kind"] == "proxy" else None,
        redirects=tuple(Redirect(each["from"], each.get("to", ""), each["code"]) for each in values["redirects"]),
        headers=_pairs(values["headers"]),
        error_pages=tuple(sorted((int(status), page) for status, page in values["error_pages"].items())),
        access=_access(values["access"], file.secrets),
        limits=Limits(**values["limits"]),
        log=values["log"],
        vars=tuple(sorted(values["vars"].items())),
        probes=tuple(_probe(each, values["server_name"]) for each in values["probes"]),
        pool=values["pool"],
        tls=Tls(**values["tls"]),
        content=_content(values["content"], home),
        learn=_learn(values, pool),
    )


def facts(site: Site) -> dict[str, Any]:
    """What a site's own templates may know of it: nothing secret."""
    shown = ("name", "server_name", "canonical", "kind", "state", "user", "home", "document_root")
    return {
        **{name: getattr(site, name) for name in shown},
        "aliases": list(site.aliases),
        "php": asdict(replace(site.php, settings=())) if site.php else {},
        "vars": dict(site.vars),
    }


def with_settings(site: Site, settings: Iterable[SettingsFile]) -> Site:
    """The complete site."""
    return replace(site, settings=tuple(sorted(settings, key=lambda each: each.path)))


def _learn(values: Mapping[str, Any], pool: Pool) -> Learn | None:
    """Learned where the site says so, or has no probes of its own, unless the operator is against it."""
    wanted = learn(values.get("learn", not values["probes"]))
    if wanted is None or pool.learn is None:
        return None
    moved = [redirect["from"] for redirect in values["redirects"]]  # the truth says what these answer
    return Learn(tuple(sorted({*wanted.exclude, *pool.learn.exclude, *moved})))


def learn(value: bool | Mapping[str, Any]) -> Learn | None:
    """The field `learn` of a site or a pool: true, false, or what is left out."""
    if isinstance(value, bool):
        return Learn() if value else None
    return Learn(tuple(value["exclude"]))


def _php(values: Mapping[str, Any], name: str, pool: Pool) -> Php:
    settings = {ini: _ini(value) for ini, value in values["settings"].items()}
    return Php(
        version=values.get("version", pool.php_version),
        socket=f"/run/php/{values.get('socket', name)}.sock",
        isolation=values["isolation"],
        max_children=values["max_children"],
        max_requests=values["max_requests"],
        request_timeout_s=values["request_timeout_s"],
        idle_timeout_s=values["idle_timeout_s"],
        settings=tuple(sorted(settings.items())),
    )


def _ini(value: Any) -> str:
    text = str(value)
    return _ON_OFF.get(text.lower(), text)


def _access(values: Mapping[str, Any], secrets: Mapping[str, str]) -> Access:
    auth = values.get("basic_auth")
    return Access(
        basic_auth=_basic_auth(auth, secrets) if auth else None,
        allow=tuple(sorted({networks.normal(each) for each in values["allow"]})),
        deny=tuple(sorted({networks.normal(each) for each in values["deny"]})),
    )


def _basic_auth(values: Mapping[str, Any], secrets: Mapping[str, str]) -> BasicAuth:
    hashes = {user: value if isinstance(value, str) else secrets[value["secret"]] for user, value in values["users"].items()}
    return BasicAuth(values["realm"], tuple(sorted(hashes.items())))


def _probe(values: Mapping[str, Any], server_name: str) -> Probe:
    return Probe(
        name=values.get("name", f"{values['method']} {values['path']}"),
        host=values.get("host", server_name),
        path=values["path"],
        expect=_expect(values["expect"]),
        method=values["method"],
        headers=_pairs(values["headers"]),
        body=values.get("body"),
        body_kb=values.get("body_kb", 0),
        own=True,
    )


def _expect(values: Mapping[str, Any]) -> Expect:
    status = values["status"]
    return Expect(
        status=tuple(sorted(status)) if isinstance(status, list) else (status,),
        contains=_texts(values["contains"]),
        lacks=_texts(values["lacks"]),
        headers=_pairs(values["headers"]),
        location=values.get("location"),
        content_type=values.get("content_type"),
    )


def _content(values: Mapping[str, Any], home: str) -> Content:
    if values["source"] == "shared":
        return Content("shared", mount=values.get("mount", home), fstype=values.get("fstype", ""))
    used = {"git": ("repository", "ref", "folder"), "archive": ("url", "sha256", "folder")}.get(values["source"], ())
    return Content(values["source"], **{name: values.get(name, "") for name in used})


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _pairs(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in values.items()))
