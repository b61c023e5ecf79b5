"""What a twin runs follows from what changed, and from nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils.evenkeel import twin_conf, twin_plan
from plugins.module_utils.evenkeel.errors import InvalidState
from plugins.module_utils.evenkeel.plan import Change
from plugins.module_utils.evenkeel.twin_plan import Document, Report, TwinPlan, php_part
from plugins.module_utils.evenkeel.verdict import Failure

NOTHING = Change((), (), (), (), (), (), (), ())


def test_a_changed_pool_runs_alone_and_the_rest_is_borrowed(manifest):
    change = replace(NOTHING, twin_pools=("blog",), touched=("blog", "docs", "shop"))
    pools, whole, dedicated, borrowed = php_part(manifest, change)
    assert pools == {"8.2": ("php/8.2/pool.d/blog.conf",)}
    assert (whole, dedicated, borrowed) == ((), (), ("/run/php/shop.sock",))


def test_a_changed_master_runs_whole(manifest):
    change = replace(NOTHING, pool_files=("php/8.2/php-fpm.conf",), twin_pools=("blog", "shop"), touched=("blog", "shop"))
    pools, whole, dedicated, borrowed = php_part(manifest, change)
    assert (pools, whole, borrowed) == ({}, ("8.2",), ())
    assert dedicated == ("php/8.2/dedicated/shop.conf",)


def test_a_change_of_a_vhost_alone_runs_no_php(manifest):
    assert php_part(manifest, replace(NOTHING, touched=("blog",))) == ({}, (), (), ("/run/php/blog.sock",))


def plan():
    return TwinPlan("0" * 12, 61000, {"8.2": ("a",)}, (), (), ("/run/php/b.sock",), (), (Document("/srv", "x", None),))


def test_plan_and_report_survive_their_files():
    assert twin_plan.plan_from(twin_plan.plan_bytes(plan())) == plan()
    report = Report(False, (Failure("blog", "start", "x", cause=("y",)),), ("/log",), (("blog", "z"),))
    assert twin_plan.report_from(twin_plan.report_bytes(report)) == report


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"started": true}'])
def test_a_halved_report_is_refused(data):
    with pytest.raises(InvalidState):
        twin_plan.report_from(data)


def test_the_twin_listens_on_loopback_only():
    files = twin_conf.files(plan())
    assert "Define EVENKEEL_LISTEN 127.0.0.1:61000\n" in files["twin.conf"]
    assert "include = /etc/evenkeel/current/a\n" in files["twin-php8.2.conf"]
