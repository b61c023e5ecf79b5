"""The report says what visitors saw, and who answered them."""

from __future__ import annotations

import json

import pytest

from demo.client.load import from_data
from plugins.module_utils.evenkeel_drill.faults import FAULTS
from plugins.module_utils.evenkeel_drill.report import page, seen, strike_of
from plugins.module_utils.evenkeel_drill.traffic import NothingToAsk, load
from tests.layout.project import ROOT
from tests.unit.drill.builders import steady, strike, visit

BACKEND = {"name": "edge", "address": "192.0.2.80", "port": 443, "tls": True, "ca": None}


def probe(**others):
    return {"name": "front page", "host": "alpha.example", "path": "/", "tls": True, "expect": {"status": [200]}, **others}


def test_figures_of_a_fault():
    visits = [*steady(), visit(100.5, "reset", "POST", server=""), visit(101.5, took_s=1.5, server="web2")]
    row = seen(visits, strike("web_killed"), 1.0)
    assert (row["lost_gets"], row["lost_others"], row["slow"], row["slowest_s"]) == (0, 1, 1, 1.5)
    assert row["lost"] == {"reset": 1}
    assert row["noticed_until_s"] == 1.5
    assert row["answered_by"]["web2"] == 1
    assert row["wrong"] == []


def test_the_tenant_that_fails_is_left_out_of_the_figures():
    row = seen([*steady(), visit(105.0, "status", site="beta")], strike("tenant_failing", site="beta"), 1.0)
    assert (row["lost_gets"], row["wrong"]) == (0, [])


def test_what_others_found_wrong_is_in_the_report_too():
    row = seen(steady(), strike("bad_push", ()), 1.0, ["the wrong change was published"])
    assert row["wrong"] == ["the wrong change was published"]
    assert "* somebody pushes a change that is wrong: the wrong change was published" in page("acme", [row], 1.0)


def test_the_page_has_a_row_for_each_fault_and_says_when_it_was_patient():
    rows = [seen(steady(), strike(name), 2.0) for name in ("web_killed", "both_masters")]
    text = page("acme", rows, 2.0)
    assert text.count("| web1 |") == 2
    assert "2 times as long" in text and text.endswith("Nothing.\n")
    assert len({line.count("|") for line in text.splitlines() if line.startswith("|")}) == 1


def test_a_strike_survives_the_way_through_a_playbook():
    data = {"fault": "web_hung", "hosts": ["web1"], "began": "1.5", "struck": 2, "undoing": 3, "undone": 4, "site": ""}
    assert strike_of(json.loads(json.dumps(data))).began == 1.5


def test_visitors_ask_what_everybody_may_read():
    probes = {
        "alpha": [
            probe(expect={"status": [200], "contains": ["hello"]}),
            probe(tls=False),
            probe(path="/old", expect={"status": [301]}),
        ],
        "shop": [probe(method="POST", body="buy=1"), probe(headers={"Authorization": "Basic eDp5"})],
    }
    made = from_data(load(probes, [{"site": "beta", "host": "beta.example", "method": "POST", "body": "a=b"}], BACKEND, 30.0))
    assert [(one.site, one.method, one.marker) for one in made.pages] == [("alpha", "GET", "hello"), ("beta", "POST", "")]
    assert made.rate == 15.0


def test_a_drill_without_pages_is_refused():
    with pytest.raises(NothingToAsk):
        load({"shop": [probe(tls=False)]}, [], BACKEND, 30.0)


def test_the_documentation_promises_what_is_checked():
    text = (ROOT / "docs" / "drill.md").read_text(encoding="utf-8")
    for fault in FAULTS:
        windows = (fault.get_s, fault.post_s, fault.slow_s, 0 if fault.own_site_only else fault.silence_s)
        cells = [fault.title, *(f"{seconds:g} s" if seconds else "-" for seconds in windows), fault.why]
        assert f"| `{fault.name}` | {' | '.join(cells)} |" in text
