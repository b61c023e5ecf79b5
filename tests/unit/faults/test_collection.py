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
from tests.faults.result import Result, is_named, summary, untried

PROJECT = Path(__file__).resolve().parents[3]
OWN = collection.load()
FOLDERS = ("collection", "fresh", "reported", "unseen")
EVERY = [fault for folder in FOLDERS for fault in collection.load(collection.OWN.with_name(folder))]


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


EDITS = "edits: [{role: main, append: x}]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no list named `faults`"),
        ("faults: []", "holds no list named `faults`"),
        ("faults: [", "faults.yml:1: is no YAML: while parsing a flow node, expected"),
        ("faults:\n- x", "a fault is a mapping .* not 'x'"),
        (f"faults:\n- {{id: x, {EDITS}}}", "faults.yml:2: x: class missing"),
        (f"faults:\n- {{class: a, {EDITS}}}", "faults.yml:2: a fault: id missing"),
        (f"faults:\n- {{id: x, class: q, {EDITS}}}", "faults.yml:2: x: class: 'q' is none of a, b"),
        ("faults:\n\n- {id: x, class: a}", "faults.yml:3: x: edits: missing"),
        ("faults:\n- {id: x, class: a, edits: {role: main}}", "faults.yml:2: x: edits: must be a list"),
        (
            f"faults:\n- {{id: x, class: a, {EDITS}}}\n- {{id: x, class: b, {EDITS}}}",
            "faults.yml:3: the id x stands at .*yml:2 already",
        ),
    ],
)
def test_a_file_that_says_nothing_clear_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadFault, match=said):
        collection.load(one(tmp_path, text))


def test_all_mistakes_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below/more.yaml").write_text("faults: [{id: y, class: a}]")
    with pytest.raises(BadFault, match=r"more.yaml:1: y: edits(?s:.*)faults.yml:1: x: class") as raised:
        collection.load(one(tmp_path, "faults: [{id: x}]"))
    assert len(str(raised.value).splitlines()) == 2


def test_a_result_is_written_in_the_form_that_others_read(tmp_path: Path) -> None:
    (fault,) = collection.load(one(tmp_path, f"faults: [{{id: x, class: e, {EDITS}}}]"))
    document = untried(fault, "no host is left").document()
    assert list(document)[:7] == ["id", "class", "refused", "guard", "lost_requests", "named_cause", "seconds"]
    assert (document["id"], document["class"], document["refused"]) == ("x", "e", False)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFault, match="no file or folder .*nowhere"):
        collection.load(tmp_path / "nowhere")


def test_files_about_something_else_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "roles.yml").write_text("main: apache2.conf\n")
    assert len(collection.load(one(tmp_path, f"faults: [{{id: x, class: a, {EDITS}}}]"))) == 1


def test_a_misfit_is_told_where_it_is_written(tmp_path: Path) -> None:
    text = "faults:\n- id: x\n  class: c\n  edits:\n  - {role: main, append: a}\n  - {role: main, find: nowhere, replace: b}\n"
    (fault,) = collection.load(one(tmp_path, text))
    fleet.copy_truth(tmp_path / "truth", _certificates(tmp_path))
    with pytest.raises(BadFault) as raised:
        Editor(tmp_path / "truth", layout.load(), tmp_path).apply(fault.edits)
    told = untried(fault, fault.told(raised.value))
    assert told.message == f"{tmp_path}/faults.yml:6: main: find: 'nowhere' stands 0 times in apache2.conf"
    assert (told.broken, told.refused) == (True, False)


def test_a_tenth_holds_every_class() -> None:
    tenth = Choice(tenth=True).of(OWN)
    assert {fault.kind for fault in tenth} == {fault.kind for fault in OWN}
    assert len(tenth) <= len(OWN) / 10 + len(collection.CLASSES)


def test_an_unknown_id_is_named() -> None:
    with pytest.raises(BadFault, match="no-such"):
        Choice(ids=("no-such",)).of(OWN)


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.id)
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
