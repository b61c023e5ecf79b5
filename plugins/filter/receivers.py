"""Who is told of alerts: what a person wrote, checked, as Alertmanager wants it, its secrets apart. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

DOCUMENTATION = r"""
name: receivers
short_description: Checks who is told of alerts, and writes it as Alertmanager wants it
description:
  - All take C({name of the variable - list of receivers}).
  - C(receiver_problems) says what is wrong with them, without their values; an empty list means nothing.
  - C(receiver_secrets) lists the files that hold their secrets, with C(name) and C(content).
  - C(receiver_configs) is what stands below a receiver's name in Alertmanager's file, by name of the variable.
  - C(page_test_result) says whether a test alert has reached everybody who is paged.
author: The Evenkeel contributors (@evenkeel)
"""

Receiver = Mapping[str, Any]
Named = Mapping[str, Sequence[Receiver]]

SECRETS = "/etc/prometheus/secrets"
TITLE = '{{ template "evenkeel.title" . }}'
TEXT = '{{ template "evenkeel.text" . }}'

_HTTPS = re.compile(r"https://[^\s/?#@]+(?:[/?#]\S*)?")
_HTTP = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?")
_MAIL = re.compile(r"[^\s@,<>]+@[^\s@,<>]+")
_HOST_PORT = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")
_LINE = re.compile(r"[^\x00-\x1f\x7f]+")
_WORD = re.compile(r"[\x21-\x7e]+")
_COUNTER = re.compile(r'^alertmanager_notification_requests(_failed)?_total\{integration="(\w+)"\} (\S+)$', re.MULTILINE)

# By type: every field with what it must look like, how that is said, and whether it must be there.
_FIELDS: dict[str, dict[str, tuple[re.Pattern[str], str, bool]]] = {
    "pagerduty": {"key": (_WORD, "the integration key of an Events API v2 service", True)},
    "opsgenie": {
        "key": (_WORD, "the key of an API integration", True),
        "url": (_HTTPS, "an address like https://api.eu.opsgenie.com/", False),
    },
    "slack": {
        "url": (_HTTPS, "the https address of an incoming webhook", True),
        "channel": (_LINE, "a channel like #on-call", False),
    },
    "email": {
        "to": (_MAIL, "an address like oncall@acme.example", True),
        "from": (_MAIL, "an address like monitoring@acme.example", True),
        "smarthost": (_HOST_PORT, "host:port of the mail server", True),
        "username": (_LINE, "the name that the mail server knows", False),
        "password": (_LINE, "its password, on one line", False),
    },
    "webhook": {
        "url": (_HTTP, "an http or https address without user and password", True),
        "token": (_WORD, "a bearer token", False),
    },
}
_SECRET = {"pagerduty": "key", "opsgenie": "key", "slack": "url", "email": "password", "webhook": "token"}


def problems(named: Named) -> list[str]:
    """One line for each mistake: variable, position, field, what is allowed. Never the value, which may be a secret."""
    return [line for name, receivers in named.items() for line in _of_list(name, receivers)]


def secrets(named: Named) -> list[dict[str, str]]:
    """`name` of the file below /etc/prometheus/secrets, and its `content`."""
    return [
        {"name": _file(name, at, one), "content": str(one[_SECRET[one["type"]]])}
        for name, receivers in named.items()
        for at, one in enumerate(receivers)
        if one.get(_SECRET[one["type"]])
    ]


def configs(named: Named) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """`{"monitoring_pages_to": {"slack_configs": [{...}]}}`; secrets are names of files wherever Alertmanager 0.25 takes one."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name, receivers in named.items():
        kinds = found.setdefault(name, {})
        for at, one in enumerate(receivers):
            kinds.setdefault(one["type"] + "_configs", []).append(_WRITERS[one["type"]](one, f"{SECRETS}/{_file(name, at, one)}"))
    return found


def attempts(metrics: str) -> dict[str, dict[str, int]]:
    """`{"slack": {"sent": 2, "failed": 0}}` of the text at Alertmanager's /metrics; `sent` counts those that failed, too."""
    counted: dict[str, dict[str, int]] = {}
    for failed, integration, value in _COUNTER.findall(metrics):
        counted.setdefault(integration, {"sent": 0, "failed": 0})["failed" if failed else "sent"] = int(float(value))
    return counted


def page_test(variables: Receiver, before: str, after: str, life: Sequence[Any]) -> dict[str, str]:
    """Whether a test reached everybody who is paged: `outcome` (paged, nobody, lost, blind) and a `message`.

    `before` and `after` are Alertmanager's metrics, `life` the Watchdogs that it knows.
    """
    meant = Counter(str(one["type"]) for one in variables.get("monitoring_pages_to") or ())
    gained = _gained(attempts(before), attempts(after))
    missing = [f"{kind} took {gained[kind]} of {number}" for kind, number in sorted(meant.items()) if gained[kind] < number]
    if not meant:
        return _said("nobody", "Nobody would be paged: monitoring_pages_to is empty. Name receivers (docs/alerts.md).")
    if missing:
        look = "Look at journalctl -u prometheus-alertmanager -n 20."
        return _said("lost", f"The test did not arrive: {'; '.join(missing)}. {look}")
    if not life:
        return _said(
            "blind", "Prometheus does not reach Alertmanager, which has no Watchdog. Look at journalctl -u prometheus -n 20."
        )
    took = ", ".join(sorted(meant.elements()))
    return _said("paged", f"Taken by {took}. Each must show 'This is a test' by now; if nothing rang, look at that receiver.")


def _said(outcome: str, message: str) -> dict[str, str]:
    return {"outcome": outcome, "message": message}


def _gained(before: Mapping[str, Mapping[str, int]], after: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    """By integration, how many attempts came to it that did not fail."""
    return Counter({kind: _well(count) - _well(before.get(kind, {})) for kind, count in after.items()})


def _well(count: Mapping[str, int]) -> int:
    return count.get("sent", 0) - count.get("failed", 0)


def _of_list(name: str, receivers: Any) -> Iterator[str]:
    if not isinstance(receivers, Sequence) or isinstance(receivers, str):
        yield f"{name}: a list of receivers, each with its type"
        return
    for at, one in enumerate(receivers):
        for line in _of_one(one):
            yield f"{name}[{at}]{line}"


def _of_one(one: Any) -> Iterator[str]:
    if not isinstance(one, Mapping) or not isinstance(one.get("type"), str) or one["type"] not in _FIELDS:
        yield ".type: one of " + ", ".join(sorted(_FIELDS))
        return
    fields = _FIELDS[one["type"]]
    for field in sorted({str(key) for key in one} - {"type", *fields}):
        yield f".{field}: unknown; allowed here: {', '.join(sorted(fields))}"
    for field, (pattern, told, needed) in fields.items():
        if (needed or one.get(field) not in (None, "")) and not pattern.fullmatch(str(one.get(field) or "")):
            yield f".{field}: {told}"
    if one["type"] == "email" and bool(one.get("username")) != bool(one.get("password")):
        yield ".password: both username and password, or neither"


def _file(name: str, at: int, one: Receiver) -> str:
    return f"{name}_{at}_{one['type']}"


def _pagerduty(one: Receiver, secret: str) -> dict[str, Any]:
    told = {"description": TITLE, "details": {"text": TEXT}, "severity": "critical"}
    return {**told, "routing_key_file": secret, "send_resolved": True}


def _opsgenie(one: Receiver, secret: str) -> dict[str, Any]:
    address = {"api_url": str(one["url"])} if one.get("url") else {}
    return {**address, "api_key_file": secret, "message": TITLE, "description": TEXT, "send_resolved": True}


def _slack(one: Receiver, secret: str) -> dict[str, Any]:
    channel = {"channel": str(one["channel"])} if one.get("channel") else {}
    return {**channel, "api_url_file": secret, "title": TITLE, "text": TEXT, "send_resolved": True}


def _email(one: Receiver, secret: str) -> dict[str, Any]:
    login = {"auth_username": str(one["username"]), "auth_password_file": secret} if one.get("username") else {}
    plain = {"to": str(one["to"]), "from": str(one["from"]), "smarthost": str(one["smarthost"])}
    return {**plain, **login, "headers": {"Subject": TITLE}, "html": "", "text": TEXT, "send_resolved": True}


def _webhook(one: Receiver, secret: str) -> dict[str, Any]:
    login = {"http_config": {"authorization": {"credentials_file": secret}}} if one.get("token") else {}
    return {"url": str(one["url"]), **login, "send_resolved": True}


_WRITERS: dict[str, Callable[[Receiver, str], dict[str, Any]]] = {
    "pagerduty": _pagerduty,
    "opsgenie": _opsgenie,
    "slack": _slack,
    "email": _email,
    "webhook": _webhook,
}


class FilterModule:
    """Filters for the role monitoring and for playbooks/page_test.yml."""

    def filters(self) -> dict[str, Any]:
        return {
            "receiver_problems": problems,
            "receiver_secrets": secrets,
            "receiver_configs": configs,
            "page_test_result": page_test,
        }
