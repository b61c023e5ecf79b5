"""Who is told of what, and of what nobody is: every alert where it should fire, and silence where it should not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import fleet, rendered
from .fleet import Figure, always, answers, counting, fails, of_host, server, sites

ROOT = Path(__file__).resolve().parents[3]
HOUR, DAY = 3600, 86400
NOBODY: dict[str, str] = {}
BOTH = {"ErrorBudgetBurning": "page", "ErrorBudgetShrinking": "ticket"}
NAN, ZERO, ONE = float("nan"), always(0), always(1)
NAMES = sorted(path.stem for path in (ROOT / "docs" / "on_call").glob("*.md"))
TOLD = {"summary", "since", "sites", "hosts", "change", "command", "runbook"}


def taken_back(at: float) -> float:
    """What the watch tells of a rollout that it took back within two minutes, until the next push."""
    return float(640 <= at < 800)


def first_host(up: Figure = ONE, looked: Figure = float, unheard: Figure = ZERO) -> dict[str, Figure]:
    """The monitoring host that tells people, as the second one sees it."""
    rules = 'rule_group="/etc/prometheus/rules/visitors.yml;visitors"'
    return {
        **of_host("up", up, "mon1", "monitoring", job="prometheus"),
        **of_host("up", up, "mon1", "monitoring", job="alertmanager"),
        **of_host("prometheus_rule_group_last_evaluation_timestamp_seconds", looked, "mon1", "monitoring", rules, "prometheus"),
        **of_host("alertmanager_notification_requests_failed_total", unheard, "mon1", "monitoring", job="alertmanager"),
    }


def alertmanagers(members: Figure, up: Figure = ONE) -> dict[str, Figure]:
    """Two of them: how many the first one knows, itself among them, and whether the second one lives."""
    return {
        **of_host("up", ONE, "mon1", "monitoring", job="alertmanager"),
        **of_host("up", up, "mon2", "monitoring", job="alertmanager"),
        **of_host("alertmanager_cluster_members", members, "mon1", "monitoring", job="alertmanager"),
        **of_host("alertmanager_cluster_members", always(2), "mon2", "monitoring", job="alertmanager"),
    }


# what is asked: by name, the figures that differ from a well fleet, the second that is looked at, and who is told of it then
CASES = {
    "a well fleet": ({}, 600, NOBODY),
    "all sites fail, and visitors notice": (answers(counting(10, until=120), counting(10, 120)), 155, {"SitesFailing": "page"}),
    "all sites fail for three seconds": (
        answers(lambda at: counting(10)(at) - counting(10, 870, 873)(at), counting(10, 870, 873)),
        890,
        NOBODY,
    ),
    "half of the requests fail, of two sites": (
        {**answers(counting(10), counting(14, 100)), **sites(fails(110), range(2))},
        150,
        {"SitesFailing": "page"},
    ),
    "half of the requests fail, of one large tenant": (
        {**answers(counting(10), counting(14, 100)), **sites(fails(110), range(1))},
        150,
        NOBODY,
    ),
    "every request of a quiet fleet fails, once a minute": (answers(always(5), lambda at: at // 60), 1500, NOBODY),
    "all sites are dead, and nobody asks": (
        {**answers(always(5), always(0)), **sites(fails(100))},
        210,
        {"SitesFailing": "page"},
    ),
    "one site is dead": (sites(fails(100), range(1)), 400, {"SiteDown": "ticket"}),
    "two of ten sites are dead": (sites(fails(100), range(2)), 400, {"SiteDown": "ticket"}),
    "three of ten sites are dead": (sites(fails(100), range(3)), 220, {"SitesFailing": "page"}),
    "a hundred of a thousand sites are dead": (
        {**sites(always(1), range(1000)), **sites(fails(100), range(100))},
        220,
        {"SitesFailing": "page"},
    ),
    "a few of a thousand sites are dead": ({**sites(always(1), range(1000)), **sites(fails(100), range(99))}, 220, NOBODY),
    "one visit in three goes wrong": (sites(lambda at: float(at % 90 >= 30)), 600, NOBODY),
    "the shared address is lost": (
        of_host("probe_success", fails(100), "mon1", "monitoring", 'instance="192.0.2.80:443"', "address"),
        120,
        {"SharedAddressLost": "page"},
    ),
    "the watch sees a regression": (
        of_host("evenkeel_watch_regression", always(1), "mon1", "monitoring", 'pool="web",rollout="r-1",site="shop"'),
        30,
        {"RegressionAfterRollout": "page"},
    ),
    "many requests fail of what the watch has taken back": (
        {
            **answers(counting(10), counting(5, 600, 660)),
            **of_host("evenkeel_watch_regression", taken_back, "mon1", "monitoring", 'pool="web",rollout="r-1",site="shop"'),
        },
        860,
        NOBODY,
    ),
    "many requests fail of one pool after another one's rollout": (
        {
            **answers(counting(10), counting(5, 600, 660)),
            **of_host("evenkeel_watch_regression", taken_back, "mon1", "monitoring", 'pool="shops",rollout="r-1",site="shop"'),
        },
        860,
        {"ErrorBudgetBurning": "page"},
    ),
    "two requests of a hundred fail for an hour": (answers(counting(10), counting(0.2)), HOUR, BOTH),
    "the same, of one site": (
        {**answers(counting(10), counting(0.2)), **sites(always(0), range(1))},
        HOUR,
        {"SiteDown": "ticket"},
    ),
    "the same, until an hour ago": (
        answers(counting(10), counting(0.2, until=HOUR)),
        2 * HOUR,
        {"ErrorBudgetShrinking": "ticket"},
    ),
    "eight of a thousand fail": (answers(counting(10), counting(0.08)), HOUR, BOTH),
    "two of a thousand fail": (answers(counting(10), counting(0.02)), HOUR, {"ErrorBudgetShrinking": "ticket"}),
    "as many fail as may": (answers(counting(10), counting(0.009)), 2 * HOUR, NOBODY),
    "twenty requests of a quiet fleet fail in an hour": (answers(counting(0.01), counting(0.0055)), HOUR, NOBODY),
    "all sites failed for ten minutes, half an hour ago": (
        {
            **answers(lambda at: counting(10)(at) - counting(10, 600, 1200)(at), counting(10, 600, 1200)),
            **sites(fails(600, 1200)),
        },
        3000,
        {"ErrorBudgetShrinking": "ticket"},
    ),
    "a site is slow": (sites(always(5), range(1), "probe_duration_seconds"), 1000, {"SiteSlow": "ticket"}),
    "a site was slow for a minute": (
        sites(lambda at: 5 if 300 < at < 360 else 0.1, range(1), "probe_duration_seconds"),
        1000,
        NOBODY,
    ),
    "a certificate ends in twenty days": (
        sites(always(20 * DAY), metric="probe_ssl_earliest_cert_expiry"),
        700,
        {"CertificateEnds": "ticket"},
    ),
    "a web host is dead": (
        {**of_host("up", fails(100)), **server("DOWN", lambda at: float(at >= 101))},
        200,
        {"HostDown": "ticket"},
    ),
    "a balancer is dead": (of_host("up", fails(100), "edge1", "edge"), 200, {"HostDown": "ticket"}),
    "a host is drained": (
        {
            **of_host("evenkeel_absence", always(1), "edge1", "edge", 'server="web1",reason="gets release b"'),
            **server("DRAIN", always(1)),
            **server("DOWN", always(0)),
        },
        300,
        {"HostDrained": "none"},
    ),
    "a host was left out for hours": (
        of_host("evenkeel_absence", always(1), "edge1", "edge", 'server="web1",reason="was down while release b was published"'),
        2 * HOUR,
        {"HostLeftOut": "ticket"},
    ),
    "nobody confirmed": (of_host("evenkeel_confirmed", fails(60)), 1200, {"ReleaseUnconfirmed": "ticket"}),
    "a release waits for its confirmation": (of_host("evenkeel_confirmed", fails(60, 700)), 600, NOBODY),
    "a deadline has passed": (of_host("evenkeel_deadline_timestamp_seconds", always(100)), 300, {"DeadlineMissed": "ticket"}),
    "a deadline is pending": (of_host("evenkeel_deadline_timestamp_seconds", always(400)), 300, NOBODY),
    "a revert is not finished": (fleet.rollout("revert_failed"), 120, {"RevertUnfinished": "ticket"}),
    "hosts are apart": (
        of_host("evenkeel_release_info", always(1), "web3", "web", 'tier="web",pool="web",release="bbbbbbbbbbbb"'),
        1000,
        {"HostsApart": "ticket"},
    ),
    "a backup serves what an active host served before": (
        {
            **of_host(
                "evenkeel_release_info", lambda at: 1 if at < HOUR else NAN, "web1", "web", 'tier="web",pool="web",release="old"'
            ),
            **of_host("evenkeel_release_info", always(1), "backup1", "web_backup", 'tier="web",pool="web",release="old"'),
        },
        2 * HOUR,
        NOBODY,
    ),
    "a backup serves what no active host has served": (
        of_host("evenkeel_release_info", always(1), "backup1", "web_backup", 'tier="web",pool="web",release="dddddddddddd"'),
        1200,
        {"BackupNotReady": "ticket"},
    ),
    "a backup lacks files": (
        of_host("evenkeel_content_ready", always(0), "backup1", "web_backup"),
        1200,
        {"BackupNotReady": "ticket"},
    ),
    "files are behind": (
        of_host("evenkeel_content_lag_seconds", always(700), labels='site="shop"'),
        300,
        {"ContentBehind": "ticket"},
    ),
    "somebody edited a file": (of_host("evenkeel_drift", fails(400, 500), labels='kind="extra"'), 390, {"Drift": "ticket"}),
    "retries hide a host": (
        {
            **of_host(
                "haproxy_server_retry_warnings_total", counting(0.3), "edge1", "edge", 'proxy="web",server="web1"', "haproxy"
            ),
            **of_host(
                "haproxy_server_redispatch_warnings_total", counting(0.1), "edge1", "edge", 'proxy="web",server="web1"', "haproxy"
            ),
            **of_host(
                "haproxy_server_http_responses_total",
                counting(10),
                "edge1",
                "edge",
                'proxy="web",server="web1",code="2xx"',
                "haproxy",
            ),
        },
        900,
        {"RetriesHideServer": "ticket"},
    ),
    "a disk is nearly full": (
        {
            **of_host("node_filesystem_avail_bytes", always(5), labels='mountpoint="/",fstype="ext4"'),
            **of_host("node_filesystem_size_bytes", always(100), labels='mountpoint="/",fstype="ext4"'),
            **of_host("node_filesystem_files_free", always(50), labels='mountpoint="/",fstype="ext4"'),
            **of_host("node_filesystem_files", always(100), labels='mountpoint="/",fstype="ext4"'),
        },
        700,
        {"DiskFilling": "ticket"},
    ),
    "a disk has no inodes": (
        {
            **of_host("node_filesystem_avail_bytes", always(50), labels='mountpoint="/",fstype="ext4"'),
            **of_host("node_filesystem_size_bytes", always(100), labels='mountpoint="/",fstype="ext4"'),
            **of_host("node_filesystem_files_free", always(1), labels='mountpoint="/",fstype="ext4"'),
            **of_host("node_filesystem_files", always(100), labels='mountpoint="/",fstype="ext4"'),
        },
        700,
        {"DiskFilling": "ticket"},
    ),
    "an exporter is down": (of_host("up", fails(60), "edge1", "edge", job="haproxy"), 300, {"ExporterDown": "ticket"}),
    "figures are old": (of_host("evenkeel_metrics_timestamp_seconds", always(10)), 400, {"MetricsStale": "ticket"}),
    "nobody can be told": (
        of_host(
            "alertmanager_notifications_failed_total", counting(0.1), "mon1", "monitoring", 'integration="slack"', "alertmanager"
        ),
        400,
        {"NobodyIsTold": "ticket"},
    ),
}
CASES |= {
    "the first monitoring host is well, so that the second is quiet": (first_host(), 120, {"FirstHostTells": "none"}),
    "the first monitoring host has just died": (first_host(up=fails(110)), 115, NOBODY),
    "the first monitoring host looks no more": (first_host(looked=always(30)), 120, NOBODY),
    "nobody hears the first monitoring host": (first_host(unheard=counting(0.1, 60)), 120, NOBODY),
}
CASES |= {
    "two Alertmanagers know each other": (alertmanagers(always(2)), 600, NOBODY),
    "an Alertmanager does not hear the other": (alertmanagers(always(1)), 200, {"AlertmanagersApart": "ticket"}),
    "an Alertmanager is dead, and the other knows": (alertmanagers(always(1), fails(0)), 400, {"ExporterDown": "ticket"}),
}
MANY = {"SiteDown": {"two of ten sites are dead": 2}}


@pytest.mark.parametrize("name", CASES)
def test_the_right_people_are_told(name: str, tmp_path: Path) -> None:
    series, at, expected = CASES[name]
    count = {alert: by_case[name] for alert, by_case in MANY.items() if name in by_case}
    fleet.check(tmp_path, {**fleet.well(), **series}, at, **fleet.firing(at, expected, count))


def test_every_alert_is_seen_to_fire() -> None:
    fired = {alert for _, _, expected in CASES.values() for alert in expected}
    assert fired | {"Watchdog"} == set(NAMES)


def test_every_alert_says_what_a_tired_person_needs(tmp_path: Path) -> None:
    for name, rule in rendered.alerts(tmp_path).items():
        assert set(rule["annotations"]) == TOLD, name
        assert rule["annotations"]["runbook"] == f"docs/on_call/{name}.md"
        assert rule["labels"]["severity"] in {"page", "ticket", "none", "watchdog"}


def test_every_alert_has_its_page(tmp_path: Path) -> None:
    assert sorted(rendered.alerts(tmp_path)) == NAMES


def test_every_command_that_an_alert_says_exists(tmp_path: Path) -> None:
    for name, rule in rendered.alerts(tmp_path).items():
        playbook = re.search(r"playbooks/\w+\.yml", rule["annotations"]["command"])
        assert not playbook or (ROOT / playbook[0]).is_file(), name


@pytest.mark.parametrize(("touched", "named"), [("shop, blog", "shop, blog"), ("", "none")])
def test_a_page_names_rollout_sites_hosts_and_command(tmp_path: Path, touched: str, named: str) -> None:
    broken = {
        **answers(counting(10, until=120), counting(10, 120)),
        **sites(fails(125)),
        **of_host(
            "haproxy_server_http_responses_total",
            counting(10, 120),
            "edge1",
            "edge",
            'proxy="web",server="web1",code="5xx"',
            "haproxy",
        ),
    }
    told = {
        "summary": "Visitors of pool web get errors: 100% of their requests fail, "
        "10 of 10 watched sites do not answer as they should",
        "since": "1970-01-01 00:02:10 +0000 UTC",
        "sites": "10: site0, site1, site2, site3, site4 and others",
        "hosts": "web1",
        "change": f"rollout r-1 of anna from commit 4f2a: confirmed at 1970-01-01 00:00:30 +0000 UTC; sites: {named}",
        "command": "ansible-playbook -i inventories/acme/hosts.yml playbooks/rollback.yml",
        "runbook": "docs/on_call/SitesFailing.md",
    }
    labels = {"severity": "page", "environment": "acme", "pool": "web"}
    fires = {"alertname": "SitesFailing", "eval_time": "150s", "exp_alerts": [{"exp_labels": labels, "exp_annotations": told}]}
    fleet.check(tmp_path, {**fleet.well(touched), **broken}, 150, alert_rule_test=[fires])
