"""Each balancer reads its own lines of one keepalived file, so the file is tested as each of them reads it."""

from __future__ import annotations

from plugins.module_utils.evenkeel.edge_services import members

CONFIG = "vrrp_instance edge {\n@edge1  priority 200\n@edge2  priority 100\n}\n"


def test_the_file_is_tested_as_every_balancer_that_it_names() -> None:
    assert members(CONFIG, 'DAEMON_ARGS="--config-id edge1"\n') == ["edge1", "edge2"]


def test_a_balancer_that_the_file_does_not_know_tests_it_as_itself() -> None:
    assert members(CONFIG, 'DAEMON_ARGS="--config-id edge-old"\n') == ["edge-old", "edge1", "edge2"]


def test_a_keepalived_without_a_name_adds_none() -> None:
    assert members(CONFIG, "") == ["edge1", "edge2"]
