"""The status page at the balancers: their own copy, shown under its own name, and nothing of it where nobody wants one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils.evenkeel_compiler import edge_truth
from plugins.module_utils.evenkeel_compiler.edge_truth import edge_from
from plugins.module_utils.evenkeel_compiler.errors import TruthInvalid
from plugins.module_utils.evenkeel_compiler.truth import Truth
from tests.templates.builders import static_site

from .builders import EDGE, compiled, text

NAME = "status.hosting.example"
SHOWN = replace(EDGE, status_name=NAME)
CONFIG = "haproxy/haproxy.cfg"


def test_without_a_name_balancers_know_of_no_status_page() -> None:
    assert "status" not in text(compiled(static_site()), CONFIG).replace("return status", "").replace("deny status", "")


def test_its_name_leads_to_this_hosts_copy_and_asks_no_pool() -> None:
    config = text(compiled(static_site(), edge=SHOWN), CONFIG)
    assert f"set-var(txn.pool) str(evenkeel-status) if {{ var(txn.host) -m str {NAME} }}" in config
    assert config.index("use_backend evenkeel-status") < config.index("use_backend %[var(txn.pool)]-backups")
    assert "server copy 127.0.0.1:8407" in config


def test_a_name_that_could_be_a_directive_is_refused() -> None:
    for name in ("status.example\n  bind *:1", "status example", "STATUS.example", "status"):
        with pytest.raises(TruthInvalid, match="status_name"):
            edge_from({"name": "edge", "addresses": ["192.0.2.80/24"], "vrrp_id": 51, "status_name": name})


def test_a_site_cannot_have_its_name() -> None:
    site = replace(static_site(), server_name=NAME)
    loaded = Truth((site,))
    assert [problem.field for problem in edge_truth._named_as_status(loaded, SHOWN)] == ["server_name"]
    assert not list(edge_truth._named_as_status(loaded, EDGE))
