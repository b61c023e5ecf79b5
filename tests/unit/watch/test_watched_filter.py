"""Who watches and who is watched, out of an inventory."""

from __future__ import annotations

import base64
from typing import Any

from plugins.filter.watched import keys, reached, sites

KEY = "ssh-ed25519 AAAA root@web1"
GROUPS = {"web": ["web1"], "web_backup": ["backup1"], "edge": ["edge1"], "monitoring": ["mon1", "mon2"]}
HOSTVARS: dict[str, dict[str, Any]] = {
    "web1": {"ansible_host": "192.0.2.11", "ansible_port": 2222, "watch_host_key": {"content": base64.b64encode(KEY.encode())}},
    "edge1": {"ansible_host": "edge1.internal", "evenkeel_address": "192.0.2.8"},
    "mon1": {"ansible_host": "192.0.2.31", "watch_user": {"ssh_public_key": KEY}},
    "mon2": {"ansible_host": "192.0.2.32"},
}


def test_balancers_and_web_hosts_are_watched_and_backups_follow_by_themselves() -> None:
    found = {one["name"]: one for one in reached(GROUPS, HOSTVARS)}
    assert list(found) == ["edge1", "web1"]
    assert (found["web1"]["port"], found["web1"]["host_key"], found["web1"]["tier"]) == (2222, "ssh-ed25519 AAAA", "web")
    assert (found["edge1"]["address"], found["edge1"]["host_key"]) == ("192.0.2.8", "")


def test_a_monitoring_host_without_a_key_is_let_in_nowhere() -> None:
    assert keys(GROUPS["monitoring"], HOSTVARS) == [{"name": "mon1", "address": "192.0.2.31", "key": KEY}]


def test_sites_are_those_that_prometheus_visits() -> None:
    targets = [{"targets": ["x"], "labels": {"site": "blog", "pool": "web"}}, {"targets": [], "labels": {}}]
    assert sites(targets) == {"blog": "web"}
