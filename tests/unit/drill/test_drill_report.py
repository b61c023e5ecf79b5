"""How a drill ends: well, with what visitors must not notice, or broken off."""

from __future__ import annotations

import json

from plugins.modules.drill_report import message, problems, report
from tests.unit.drill.builders import steady, strike, visit

TIMES = {"began": 99.5, "struck": 100.0, "undoing": 109.5, "undone": 110.0}


def record(folder, visits) -> None:
    rows = ["at,backend,site,method,path,status,outcome,took_ms,reused,server,release"]
    rows += [
        f"{v.at},edge,{v.site},{v.method},{v.path},{v.status},{v.outcome},{v.took_s * 1000},0,{v.server},{v.release}"
        for v in visits
    ]
    (folder / "requests.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def drill(folder, visits, planned: int = 1) -> str:
    record(folder, visits)
    strikes = [{"fault": "web_killed", "hosts": ["web1"], "site": "", "wrong": [], **TIMES}]
    found = report({"folder": str(folder), "environment": "acme", "patience": 1.0, "strikes": strikes})
    return message(found, problems(found, planned), "here")


def test_a_drill_that_went_well_says_how_much_was_asked(tmp_path):
    said = drill(tmp_path, steady())
    assert said.startswith("well: of 1 faults") and "requests. See here/report.md" in said
    assert json.loads((tmp_path / "report.json").read_text())["faults"][0]["fault"] == strike("web_killed").fault.name
    assert "a web host loses its power" in (tmp_path / "report.md").read_text()


def test_what_must_not_be_noticed_is_the_last_line(tmp_path):
    assert drill(tmp_path, [*steady(), visit(105.0, "reset")]).startswith(
        "attention: a web host loses its power: 1 requests failed"
    )


def test_a_drill_that_broke_off_is_not_well(tmp_path):
    assert drill(tmp_path, steady(), planned=3).startswith("attention: the drill broke off after 1 of 3 faults")
