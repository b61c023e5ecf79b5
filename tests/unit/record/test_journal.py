"""The journal outlives whatever kills its writer, and is read whatever became of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_record import journal
from plugins.module_utils.evenkeel_record.journal import Journal

ROOT = Path(__file__).resolve().parents[3]
WRITER = """
import sys, time
from pathlib import Path
from plugins.module_utils.evenkeel_record.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.append({"event": "begin"})
print("written", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "example" / "one" / journal.NAME


def test_events_are_read_in_the_order_in_which_they_were_written(path):
    writer = Journal(path)
    for name in ("begin", "phase", "end"):
        writer.append({"event": name})
    writer.close()
    assert [event["event"] for event in journal.read(path)] == ["begin", "phase", "end"]


def test_a_second_writer_appends(path):
    for name in ("begin", "end"):
        writer = Journal(path)
        writer.append({"event": name})
        writer.close()
    assert len(journal.read(path)) == 2


def test_a_line_is_plain_text_whatever_it_holds(path):
    writer = Journal(path)
    writer.append({"event": "phase", "message": "a\nb\x1b[31m\u2028\ud800", "host": Path("x")})
    writer.close()
    assert path.read_bytes().count(b"\n") == 1
    assert path.read_bytes().isascii()
    assert journal.read(path)[0]["message"] == "a\nb\x1b[31m\u2028\ud800"


@pytest.mark.parametrize(
    "torn", [b'{"event": "ph', b"\xff\xfe\n", b"7\n", b"[]\n", b'{"at": 1}\n', b'{"event": 3}\n', b"[" * 9999 + b"\n"]
)
def test_a_line_that_is_no_event_is_passed_over(path, torn):
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"event": "begin"}\n' + torn)
    assert journal.read(path) == [{"event": "begin"}]


def test_others_may_not_read_it(path):
    Journal(path).close()
    assert path.stat().st_mode & 0o007 == 0
    assert path.parent.stat().st_mode & 0o007 == 0


def test_it_is_held_while_its_writer_lives_and_whole_when_that_is_killed(path):
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        assert journal.held(path)
        with pytest.raises(OSError):
            Journal(path)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not journal.held(path)
    assert journal.read(path) == [{"event": "begin"}]
