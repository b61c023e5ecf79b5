"""What drift.yml shows of a fleet."""

from __future__ import annotations

from plugins.filter.drift import KINDS, status
from plugins.module_utils.evenkeel import drift

NONE = {"release": "a" * 12, "kinds": dict.fromkeys(KINDS, 0), "found": [], "text": ""}
EDIT = {"kind": "changed", "path": "apache2/sites/blog.conf", "what": "was edited by hand", "lost": True}
INI = {"kind": "package", "path": "/etc/php/8.2/fpm/php.ini", "what": "is not as its package brought it", "lost": False}


def found(*findings):
    kinds = {kind: sum(one["kind"] == kind for one in findings) for kind in KINDS}
    return {**NONE, "kinds": kinds, "found": list(findings), "text": "\n".join(one["path"] for one in findings)}


def shown(**answers):
    return status({host: {"drift_found": answer} for host, answer in answers.items()}, list(answers))


def test_the_table_has_every_kind_that_the_engine_knows():
    assert drift.KINDS == KINDS


def test_a_fleet_that_nobody_touched_is_well():
    told = shown(web1=NONE, web2=NONE)
    assert told["outcome"] == "well"
    assert told["message"] == "well: web1, web2 have what was written, and nothing else."
    assert told["differences"] == []


def test_each_host_that_differs_is_named_with_its_diff_and_the_next_step():
    told = shown(web1=found(EDIT, INI), web2=NONE)
    assert told["outcome"] == "attention"
    assert "web1 differs in 2 things (apache2/sites/blog.conf, ...)" in told["message"]
    assert "adopt_drift=overwrite" in told["message"]
    assert "adopt_drift=keep" in told["message"]
    assert told["differences"] == ["", "web1:", "  apache2/sites/blog.conf", "  /etc/php/8.2/fpm/php.ini"]
    assert told["table"][1].split() == ["web1", "a" * 12, "1", "-", "-", "-", "1", "-", "-"]


def test_the_next_step_is_one_that_helps():
    assert "adopt_drift=keep" not in shown(web1=found(EDIT))["message"]
    assert "adopt_drift=overwrite" not in shown(web1=found(INI))["message"]


def test_a_host_that_says_nothing_is_never_called_well():
    gone = {"unreachable": True, "msg": "Failed to connect to the host via ssh: No route to host"}
    told = shown(web1=NONE, web2=gone, web3={}, web4={"failed": True, "msg": "release x is not on this host"})
    assert told["outcome"] == "attention"
    assert "web2 cannot be reached (No route to host)" in told["message"]
    assert "web3 was not asked" in told["message"]
    assert "web4 did not answer (release x is not on this host)" in told["message"]
