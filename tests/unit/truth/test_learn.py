"""Whose pages are learned from traffic: the site has a word in it, and the operator the last one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel_compiler import truth
from plugins.module_utils.evenkeel_compiler.compile import facts
from plugins.module_utils.evenkeel_compiler.model import Learn, Pool
from tests.unit.truth.conftest import Sites

PROBES = [{"path": "/a"}]
MOVED = [{"from": "/old/*", "to": "/new/"}]


@pytest.mark.parametrize(
    ("fields", "learn"),
    [
        ({}, Learn()),
        ({"probes": PROBES}, None),
        ({"probes": PROBES, "learn": True}, Learn()),
        ({"learn": False}, None),
        ({"learn": {"exclude": ["/dice"]}}, Learn(("/dice",))),
        ({"learn": {}, "redirects": MOVED}, Learn(("/old/*",))),
    ],
)
def test_a_site_decides_and_without_a_word_those_without_probes_learn(sites: Sites, fields: dict[str, Any], learn: Learn) -> None:
    sites.site("docs", **fields)
    assert sites.load().sites[0].learn == learn


@pytest.mark.parametrize(
    ("pool", "learn"), [({}, Learn(("/b",))), ({"learn": False}, None), ({"learn": {"exclude": ["/a/*"]}}, Learn(("/a/*", "/b")))]
)
def test_the_operator_has_the_last_word(sites: Sites, pool: dict[str, Any], learn: Learn | None) -> None:
    sites.site("docs", learn={"exclude": ["/b"]})
    assert truth.load(sites.root, truth.pool_from({"name": "web", **pool})).sites[0].learn == learn


@pytest.mark.parametrize(
    "wrong", ["dice", "/a?b", "/a b", "/a#b", "/a\n", "/*/b", "/a/**", "//\\x", "/${X}", "/%{X}", "/ä", "/" + "a" * 300]
)
def test_a_path_that_no_visitor_could_ask_for_is_refused(sites: Sites, wrong: str) -> None:
    sites.site("docs", learn={"exclude": [wrong]})
    assert sites.fields() == ["learn.exclude.0"]


@pytest.mark.parametrize("wrong", ["yes please", 1, ["/a"], {"only": ["/a"]}, None])
def test_other_words_are_refused(sites: Sites, wrong: Any) -> None:
    sites.site("docs", text=f"server_name: docs.example\nkind: static\nlearn: {wrong!r}\n".replace("None", "null"))
    assert sites.fields()


def test_hosts_are_told_how_visitors_come(sites: Sites, tmp_path: Path) -> None:
    sites.site("docs")
    site = sites.load().sites[0]
    assert facts(site, "http")["learn"] == {"exclude": [], "headers": {}}
    assert facts(site, Pool("web", balancers=("192.0.2.1",)).scheme)["learn"]["headers"] == {"X-Forwarded-Proto": "https"}
    assert facts(replace(site, learn=None), "http")["learn"] is None


@pytest.mark.parametrize(("fields", "wrong"), [({"method": "POST", "body_kb": 16384}, []), ({"body_kb": 5}, ["body_kb"])])
def test_only_a_request_with_a_body_is_filled_up(sites: Sites, fields: dict[str, Any], wrong: list[str]) -> None:
    sites.site("docs", probes=[{"path": "/up", **fields}])
    assert [field.rpartition(".")[2] for field in sites.fields()] == wrong


@pytest.mark.parametrize("size", [0, 16385, "5", 1.5])
def test_an_upload_has_its_bounds(sites: Sites, size: Any) -> None:
    sites.site("docs", probes=[{"path": "/up", "method": "POST", "body_kb": size}])
    assert sites.fields() == ["probes.0.body_kb"]
