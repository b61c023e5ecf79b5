"""Who is told: what is refused, where secrets go, and what Alertmanager itself makes of it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from plugins.filter import receivers

from . import rendered
from .tools import program

EVERY: list[dict[str, Any]] = [
    {"type": "pagerduty", "key": "planted-pagerduty"},
    {"type": "opsgenie", "key": "planted-opsgenie", "url": "https://api.eu.opsgenie.com/"},
    {"type": "slack", "url": "https://hooks.slack.example/planted-slack", "channel": "#on-call"},
    {
        "type": "email",
        "to": "a@acme.example",
        "from": "b@acme.example",
        "smarthost": "mail:587",
        "username": "u",
        "password": "planted-mail",
    },
    {"type": "webhook", "url": "http://127.0.0.1:9/hook", "token": "planted-token"},
]
WRONG = [
    ("oncall@acme.example", "monitoring_pages_to: a list"),
    ([{"type": "pager"}], "monitoring_pages_to[0].type: one of email, opsgenie, pagerduty, slack, webhook"),
    ([{"type": ["slack"]}], "[0].type: one of"),
    (["slack"], "[0].type: one of"),
    ([{"type": "pagerduty"}], "[0].key: the integration key"),
    ([{"type": "pagerduty", "key": "planted secret"}], "[0].key: the integration key"),
    ([{"type": "pagerduty", "key": "planted\n"}], "[0].key: the integration key"),
    ([EVERY[0], {"type": "slack", "url": "http://hooks.slack.example/planted"}], "[1].url: the https address"),
    ([{**EVERY[3], "password": ""}], "[0].password: both"),
    ([{**EVERY[3], "to": "planted, b@acme.example"}], "[0].to: an address"),
    ([{"type": "webhook", "url": "https://u:planted@acme.example/"}], "[0].url: an http or https address"),
    ([{"type": "webhook", "url": "https://acme.example/", "tokn": "planted"}], "[0].tokn: unknown; allowed here: token, url"),
]


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program("amtool"), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("written", "told"), WRONG, ids=[told for _, told in WRONG])
def test_what_would_reach_nobody_is_refused_without_its_secret(written: Any, told: str) -> None:
    [line] = receivers.problems({"monitoring_pages_to": written})
    assert told in line
    assert "planted" not in line


def test_what_is_right_is_not_refused() -> None:
    assert receivers.problems({"monitoring_pages_to": EVERY, "monitoring_tickets_to": []}) == []


def test_secrets_are_in_files_of_their_own() -> None:
    named = {"monitoring_pages_to": EVERY}
    files = receivers.secrets(named)
    assert len({one["name"] for one in files}) == len(EVERY)
    assert all("planted" in one["content"] for one in files)
    assert "planted" not in str(receivers.configs(named))


def test_alertmanager_takes_every_kind_of_receiver(tmp_path: Path) -> None:
    file = rendered.alertmanager(tmp_path, monitoring_pages_to=EVERY, monitoring_watchdog_to=EVERY[4:])
    done = amtool("check-config", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=SitesFailing", "severity=page"], "monitoring_pages_to"),
        (["alertname=HostDown", "severity=ticket"], "monitoring_tickets_to"),
        (["alertname=Watchdog", "severity=watchdog"], "monitoring_watchdog_to"),
        (["alertname=HostDrained", "severity=none"], "nobody"),
        (["alertname=PageTest", "severity=page"], "monitoring_pages_to"),
        (["alertname=Somebodys"], "monitoring_tickets_to"),
    ],
    ids=lambda value: "" if isinstance(value, str) else value[0],
)
def test_each_alert_goes_to_those_it_is_for(labels: list[str], receiver: str, tmp_path: Path) -> None:
    file = rendered.alertmanager(tmp_path, monitoring_pages_to=EVERY)
    done = amtool("config", "routes", "test", f"--config.file={file}", f"--verify.receivers={receiver}", *labels)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_second_monitoring_host_keeps_quiet_of_all_but_its_sign_of_life_while_the_first_one_tells(tmp_path: Path) -> None:
    rules = yaml.safe_load(rendered.alertmanager(tmp_path).read_text())["inhibit_rules"]
    [rule] = [one for one in rules if one["source_matchers"] == ['alertname="FirstHostTells"']]
    assert rule["target_matchers"] == ['severity=~"page|ticket"', 'alertname!="PageTest"'] and "equal" not in rule
    assert "FirstHostTells" not in rendered.render("etc/prometheus/rules/monitoring.yml.j2", monitoring_first="")


def test_every_alert_that_holds_others_back_exists(tmp_path: Path) -> None:
    named = set(re.findall(r'alertname!?=~?"([^"]+)"', rendered.alertmanager(tmp_path).read_text()))
    known = {*rendered.alerts(tmp_path), "PageTest"}
    assert {name for each in named for name in each.split("|")} <= known


def metrics(kind: str, sent: int, failed: int = 0) -> str:
    line = 'alertmanager_notification_requests%s_total{integration="%s"} %d\n'
    return line % ("", kind, sent) + line % ("_failed", kind, failed)


@pytest.mark.parametrize(
    ("pages_to", "before", "after", "life", "outcome"),
    [
        (EVERY[:1], metrics("pagerduty", 4), metrics("pagerduty", 5), [{}], "paged"),
        (EVERY[:1], "", metrics("pagerduty", 1), [{}], "paged"),
        ([], "", metrics("pagerduty", 1), [{}], "nobody"),
        (EVERY[:1], metrics("pagerduty", 4), metrics("pagerduty", 4), [{}], "lost"),
        (EVERY[:1], metrics("pagerduty", 4), metrics("pagerduty", 9, 5), [{}], "lost"),
        (EVERY[:2], metrics("pagerduty", 4), metrics("pagerduty", 5), [{}], "lost"),
        (EVERY[:1], metrics("pagerduty", 4), metrics("pagerduty", 5), [], "blind"),
    ],
)
def test_a_test_page_succeeds_only_if_everybody_has_taken_it(
    pages_to: list[dict[str, Any]], before: str, after: str, life: list[Any], outcome: str
) -> None:
    assert receivers.page_test({"monitoring_pages_to": pages_to}, before, after, life)["outcome"] == outcome
