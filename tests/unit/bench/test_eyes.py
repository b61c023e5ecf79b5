"""What the benchmark of watching makes of its host."""

from __future__ import annotations

import json

import pytest

from bench import eyes
from plugins.module_utils.evenkeel_compiler.watch_build import watched


def test_every_site_has_an_answer_of_its_own(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eyes, "WORK", tmp_path)
    folder = eyes.release(50)
    found = list(watched(json.loads((folder / "manifest.json").read_text()), json.loads((folder / "probes.json").read_text())))
    assert len({site.expects for site in found}) == 50


def test_the_share_of_a_processor_is_over_the_time_that_was_looked_at() -> None:
    assert eyes.cost((10.0, 80.0), (25.0, 90.04), 60) == eyes.Cost(0.25, 90.0)
