"""The few files that are the twin's own: everything else it reads is the candidate's, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence

from .twin_plan import TwinPlan

WEB_USER = "www-data"
CURRENT = "/etc/evenkeel/current/"
ENTRY = "/etc/evenkeel/twin.conf"
ENVIRONMENT = {  # what Debian's /etc/apache2/envvars says; the unit mounts private folders at these places
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C",
    "APACHE_RUN_USER": WEB_USER,
    "APACHE_RUN_GROUP": WEB_USER,
    "APACHE_PID_FILE": "/run/apache2/apache2.pid",
    "APACHE_RUN_DIR": "/run/apache2",
    "APACHE_LOCK_DIR": "/run/lock/apache2",
    "APACHE_LOG_DIR": "/var/log/apache2",
}


def files(plan: TwinPlan) -> dict[str, str]:
    """Names in /etc/evenkeel, as the twin sees it, and their text."""
    made = {"twin.conf": _entry(plan)}
    made.update({"twin-php%s.conf" % version: _master(version, pools) for version, pools in plan.pools.items()})
    return made


def listen(plan: TwinPlan) -> str:
    return "127.0.0.1:%d" % plan.port


def listens(plan: TwinPlan) -> tuple[str, ...]:
    """Where the twin's Apache listens by itself; whatever else a candidate listens on must be free."""
    return (listen(plan), "127.0.0.1:%d" % plan.tls_port) if plan.tls_port else (listen(plan),)


def part_master(version: str) -> str:
    """A master with nothing but the pools that changed."""
    return "/etc/evenkeel/twin-php%s.conf" % version


def whole_master(version: str) -> str:
    """The entry point that the live master has, too."""
    return "/etc/php/%s/fpm/php-fpm.conf" % version


def _entry(plan: TwinPlan) -> str:
    lines = ["Define EVENKEEL_LISTEN " + listen(plan), "Define EVENKEEL_PORT %d" % plan.port]
    if plan.tls_port:
        lines += ["Define EVENKEEL_TLS_LISTEN " + listens(plan)[1], "Define EVENKEEL_TLS_PORT %d" % plan.tls_port]
    return "\n".join([*lines, "Include %sapache2/apache2.conf" % CURRENT, ""])


def _master(version: str, pools: Sequence[str]) -> str:
    lines = ["[global]", "pid = /run/php/twin-php%s.pid" % version, "error_log = /var/log/twin-php%s.log" % version]
    return "\n".join([*lines, "log_limit = 8192", *("include = " + CURRENT + pool for pool in pools), ""])
