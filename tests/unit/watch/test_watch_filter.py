"""What an inventory says there is to watch."""

from __future__ import annotations

from plugins.filter.watch import addresses, askers, hosts, ports

GROUPS = {"edge": ["edge1"], "web": ["web1", "one"], "web_backup": ["back1"], "monitoring": ["mon1", "one"], "db": ["db1"]}
HOSTVARS = {
    "edge1": {"ansible_host": "192.0.2.8", "evenkeel_edge": {"addresses": ["192.0.2.80/24"]}},
    "web1": {"ansible_host": "web1.example", "evenkeel_address": "192.0.2.11", "exporters_port": 9999},
    "back1": {"ansible_host": "192.0.2.21"},
    "mon1": {"ansible_host": "192.0.2.31"},
    "one": {"ansible_host": "192.0.2.41"},
    "db1": {},
}


def test_each_host_is_listed_once_with_all_it_shows() -> None:
    found = {host["name"]: host for host in hosts(GROUPS, HOSTVARS)}
    assert list(found) == ["edge1", "web1", "one", "back1", "mon1"]
    assert found["edge1"]["modules"] == ["node", "haproxy"]
    assert (found["web1"]["address"], found["web1"]["port"]) == ("192.0.2.11", 9999)
    assert (found["one"]["group"], found["one"]["modules"]) == (
        "web",
        ["node", "apache", "prometheus", "alertmanager", "blackbox"],
    )
    assert found["back1"]["group"] == "web_backup"


def test_the_list_of_what_a_group_shows_is_not_worn_by_use() -> None:
    assert hosts(GROUPS, HOSTVARS) == hosts(GROUPS, HOSTVARS)


def test_monitoring_hosts_ask_from_their_addresses() -> None:
    assert askers(GROUPS, HOSTVARS) == ["192.0.2.31", "192.0.2.41"]
    assert askers({}, {}) == []


def test_visitors_come_to_the_shared_address_or_without_balancers_to_the_hosts() -> None:
    assert addresses(GROUPS, HOSTVARS) == ["192.0.2.80/24"]
    assert addresses({"web": ["web1"]}, HOSTVARS) == ["192.0.2.11"]


def test_a_host_shows_the_figures_of_what_it_runs() -> None:
    assert ports(["web"], {}) == {"apache": 80, "haproxy": 0}
    assert ports(["web_backup"], {"apache_port": 8080}) == {"apache": 8080, "haproxy": 0}
    assert ports(["edge"], {"haproxy_metrics": "127.0.0.1:9404"}) == {"apache": 0, "haproxy": 9404}
    assert ports(["monitoring"], {}) == {"apache": 0, "haproxy": 0}
