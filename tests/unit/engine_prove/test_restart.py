"""What a reload does not bring is said, because the twin, which was started, has it."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.manifest import FileEntry, Manifest
from plugins.module_utils.evenkeel.proofs import Proof
from plugins.module_utils.evenkeel.release import Release
from plugins.module_utils.evenkeel.restart import waiting
from plugins.module_utils.evenkeel.verdict import Verdict

MPM = "<IfModule mpm_event_module>\n    ServerLimit %d\n    MaxRequestWorkers 64\n</IfModule>\n"


@pytest.fixture
def release(tmp_path):
    def make(name, text, path="apache2/apache2.conf"):
        file = tmp_path / name / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
        entry = FileEntry(str(hash(text)), "0644", "root", None, False)
        return Release(name, str(tmp_path / name), Manifest("web", (), {path: entry}, {}), {})

    return make


def test_a_limit_that_waits_for_a_restart_is_told(release):
    told = waiting(release("old", MPM % 4), release("new", MPM % 8))
    assert told == ("ServerLimit stays 4 until Apache is restarted; then it is 8.",)
    proof = Proof("new", "old", "new", (), Verdict("new", "old", remarks=told))
    assert proof.asides() == " " + told[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (MPM % 4, MPM % 4 + "# more\n"),
        (MPM % 4, "MaxRequestWorkers 99\n"),
        ("# ServerLimit 4\n", MPM % 8),
        ("ServerLimit 4\nServerLimit 8\n", MPM % 8),
    ],
)
def test_what_a_reload_brings_is_not(release, old, new):
    assert waiting(release("old", old), release("new", new)) == ()


def test_other_files_are_not_read(release):
    assert waiting(release("old", MPM % 4, "php/8.2/x.conf"), release("new", MPM % 8, "php/8.2/x.conf")) == ()
