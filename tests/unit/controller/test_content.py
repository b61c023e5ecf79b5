"""Who is copied: what the inventory wants, what the hosts know, and who may change it."""

from __future__ import annotations

import base64
import json

import pytest

from plugins.filter.content import address, members, origin

POOL = ["web1", "web2", "backup1"]


def answer(name, epoch):
    """What `slurp` registers of a host's content.json."""
    return {"content": base64.b64encode(json.dumps({"origin": name, "epoch": epoch, "format": 1}).encode()).decode()}


ABSENT = {"msg": "file not found", "failed": True}
UNREACHABLE = {"unreachable": True, "msg": "No route to host"}


def test_backups_have_the_files_of_their_pool():
    groups = {"web": ["web1", "web2"], "web_backup": ["backup1", "web2"], "db": ["db1"]}
    assert members(groups, "web") == POOL
    assert members({"web": ["web1"]}, "web") == ["web1"]


def test_the_first_time_the_inventory_says_who_it_is():
    assert origin([ABSENT, ABSENT], "web1", POOL, False) == {"origin": "web1", "epoch": 1, "before": "", "error": ""}


def test_hosts_that_agree_with_the_inventory_keep_their_epoch():
    assert origin([answer("web2", 3), UNREACHABLE], "web2", POOL, False)["epoch"] == 3


def test_a_change_that_the_inventory_does_not_know_is_not_undone():
    """web1 was away when web2 became the origin, and still takes itself for it."""
    found = origin([answer("web1", 1), answer("web2", 2)], "web1", POOL, False)
    assert "evenkeel_content_origin: web2" in found["error"]
    assert "-e origin=web1" in found["error"]


def test_a_change_is_a_new_epoch():
    found = origin([answer("web1", 4), UNREACHABLE, ABSENT], "web2", POOL, True)
    assert (found["origin"], found["epoch"], found["before"], found["error"]) == ("web2", 5, "web1", "")


def test_changing_to_who_it_is_already_changes_nothing():
    assert origin([answer("web2", 5)], "web2", POOL, True)["epoch"] == 5


def test_a_stranger_cannot_be_the_origin():
    assert "one of web1, web2, backup1" in origin([], "db1", POOL, True)["error"]


@pytest.mark.parametrize("nonsense", [{"content": "!"}, {"content": ""}, {"content": base64.b64encode(b"[1]").decode()}, {}])
def test_what_cannot_be_read_says_nothing(nonsense):
    assert origin([nonsense], "web1", POOL, False)["epoch"] == 1


def test_a_host_may_have_another_address_for_hosts():
    assert address({"ansible_host": "192.0.2.1", "evenkeel_address": "10.0.0.1"}, "web1") == "10.0.0.1"
    assert address({"ansible_host": "192.0.2.1"}, "web1") == "192.0.2.1"
    assert address({}, "web1") == "web1"
