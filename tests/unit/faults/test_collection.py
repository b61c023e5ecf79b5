"""Fault files are read as data; each of the project's own fits the fleet, and the guards know none of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.faults import collection, fleet, layout
from tests.faults.collection import BadFault, Choice
from tests.faults.edits import Editor
from tests.faults.layout import TRUTH
from tests.faults.result import Result, is_named, summary

PROJECT = Path(__file__).resolve().parents[3]
OWN = collection.load()


def one(tmp_path: Path, text: str) -> Path:
    (tmp_path / "faults.yml").write_text(text)
    return tmp_path


def test_ids_and_classes_are_read(tmp_path: Path) -> None:
    (fault,) = collection.load(one(tmp_path, "faults: [{id: x, class: c, edits: [{role: main, append: x}]}]"))
    assert (fault.id, fault.kind, fault.title, fault.pushes) == ("x", "c", "x", [({"role": "main", "append": "x"},)])


def test_late_edits_are_a_second_push(tmp_path: Path) -> None:
    text = "faults: [{id: x, class: f, edits: [{role: main, append: a}], late_edits: [{role: fpm, append: b}]}]"
    (fault,) = collection.load(one(tmp_path, text))
    assert [[edit["append"] for edit in push] for push in fault.pushes] == [["a"], ["a", "b"]]


@pytest.mark.parametrize("faults", ["", "[]", "[{id: x}]", "[{id: x, class: q}]", "[{id: x, class: a}, {id: x, class: a}]"])
def test_a_file_that_says_nothing_clear_is_refused(tmp_path: Path, faults: str) -> None:
    with pytest.raises(BadFault):
        collection.load(one(tmp_path, f"faults: {faults}"))


def test_a_tenth_holds_every_class() -> None:
    tenth = Choice(tenth=True).of(OWN)
    assert {fault.kind for fault in tenth} == {fault.kind for fault in OWN}
    assert len(tenth) <= len(OWN) / 10 + len(collection.CLASSES)


def test_an_unknown_id_is_named() -> None:
    with pytest.raises(BadFault, match="no-such"):
        Choice(ids=("no-such",)).of(OWN)


@pytest.mark.parametrize("fault", OWN, ids=lambda fault: fault.id)
def test_every_fault_fits_the_fleet(fault: collection.Fault, tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    certificates = _certificates(tmp_path)
    for edits in fault.pushes:
        fleet.copy_truth(truth, certificates)
        assert Editor(truth, layout.load(), certificates).apply(edits).touched
        shutil.rmtree(truth)


def _certificates(folder: Path) -> Path:
    """Stand-ins: whether they are good is not the question here."""
    made = folder / "certificates"
    made.mkdir()
    for name in ("app", "secure", "other", "weak", "soon", "empty", "truncated", "secure-enc"):
        (made / f"{name}.crt").write_text("x")
        (made / f"{name}.key").write_text("x")
    return made


def test_no_guard_or_probe_mentions_what_a_site_of_the_faults_says() -> None:
    code = "".join(path.read_text() for path in (PROJECT / "plugins").rglob("*.py"))
    said = "".join(path.read_text() for path in TRUTH.rglob("site.yml"))
    words = set(re.findall(r"[A-Z]{3,}-[A-Z0-9-]{3,}|\w+\.test", said))
    assert not [word for word in words if word in code]
    assert not [fault.id for fault in OWN if fault.id in code]


def test_a_cause_is_named_by_file_or_by_site() -> None:
    assert is_named("apache2/mods.conf:3: Invalid command", ["apache2/mods.conf"], [])
    assert is_named("app.test/ answered 500", [], ["site app", "app.test"])
    assert not is_named("something is wrong", ["apache2/mods.conf"], ["site app"])


def test_the_summary_counts_by_class() -> None:
    refused = Result("x", "a", "rejected", "configtest", 0, True, 1.0, True, "")
    lost = Result("y", "a", "live", "", 3, False, 1.0, False, "")
    broken = Result("z", "f", "broken", "", 0, False, 0.0, False, "does not fit")
    found = summary([refused, lost, broken])
    assert (found["a"]["total"], found["a"]["refused"], found["a"]["lost_requests"]) == (2, 1, 3)
    assert (found["f"]["total"], found["f"]["broken"]) == (0, 1)
