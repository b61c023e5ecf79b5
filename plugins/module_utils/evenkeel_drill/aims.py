"""What a fault is about in this fleet: which services, whose page. Pure; reads the manifest of the live release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

APACHE = ("apache2.service",)
BALANCER = ("keepalived.service", "haproxy.service")


class NoTenant(ValueError):
    """No site has an application that could fail."""


def units(fault: str, manifest: Mapping[str, Any]) -> list[str]:
    """The services that are killed or stopped; none where the fault is about something else."""
    if fault == "php_killed":
        return php_units(manifest)
    if fault in ("web_killed", "every_web_killed", "web_hung"):
        return list(APACHE)
    return list(BALANCER) if fault == "balancer_killed" else []


def php_units(manifest: Mapping[str, Any]) -> list[str]:
    """Every master of PHP, shared and dedicated."""
    shared = ["php%s-fpm.service" % version for version in manifest["php_versions"]]
    return shared + [
        "evenkeel-php%s@%s.service" % (facts["php"]["version"], site)
        for site, facts in sorted(manifest["sites"].items())
        if _runs_php(facts) and facts["php"]["isolation"] == "dedicated"
    ]


def tenant(manifest: Mapping[str, Any], wanted: str = "") -> tuple[str, str]:
    """The site whose application shall fail, and its page; NoTenant when there is none, or `wanted` is not one."""
    found = {site: facts for site, facts in sorted(manifest["sites"].items()) if _runs_php(facts)}
    site = wanted or next(iter(found), "")
    if site not in found:
        raise NoTenant("%s has no PHP application that could fail; drill_tenant names one that has" % (site or "no site"))
    return site, found[site]["document_root"] + "/index.php"


def pushed_site(manifest: Mapping[str, Any]) -> str:
    """The first site that visitors can read; NoTenant when there is none."""
    for site, facts in sorted(manifest["sites"].items()):
        if facts["state"] == "active":
            return str(site)
    raise NoTenant("no site is active, so that there is nothing to push")


def _runs_php(facts: Mapping[str, Any]) -> bool:
    return bool(facts.get("php")) and facts["state"] == "active"
