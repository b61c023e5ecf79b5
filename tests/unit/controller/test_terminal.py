"""What somebody sees at a terminal while a run goes on, and that nothing of it gets into a log."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.plugin_utils.live_block import CLEAR_BELOW, Work, lines

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOK = """
- name: Some play
  hosts: one, two
  gather_facts: false
  tasks:
    - name: slow | Take some time, as rollouts do
      ansible.builtin.command: sleep 3
    - name: end | Say the last word
      ansible.builtin.set_stats:
        data: {evenkeel_message: "published: that was it"}
      run_once: true
"""
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def run(tmp_path, terminal, **more):
    (tmp_path / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "hosts").write_text("one ansible_connection=local\ntwo ansible_connection=local\n", encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    environment |= {
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "plugins" / "callback"),
        "ANSIBLE_STDOUT_CALLBACK": "evenkeel",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
        "TERM": "xterm-256color",
        "COLUMNS": "80",
        **more,
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(tmp_path / "hosts"), str(tmp_path / "play.yml")]
    return by_terminal(command, environment, tmp_path) if terminal else by_pipe(command, environment, tmp_path)


def by_pipe(command, environment, folder):
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def by_terminal(command, environment, folder):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    ) as process:
        os.close(theirs)
        found = b""
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # nobody has the other end any more
                break
            if not data:
                break
            found += data
        os.close(ours)
        assert process.wait() == 0, found.decode()
    return found.decode()


@pytest.fixture(scope="module")
def terminal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terminal")
    return run(folder, True), (folder / "log").read_text(encoding="utf-8")


def test_a_terminal_shows_who_is_at_work_in_place(terminal):
    output, _ = terminal
    assert re.search(r"slow +one, two +\d s +Take some time", output)
    assert output.count(CLEAR_BELOW) > 5
    assert "still at work" not in output


def test_nothing_of_it_stays(terminal):
    """After the last block was drawn, it was cleared, and then came what stays."""
    output, _ = terminal
    left = screen(output)
    assert sum("Take some time" in line for line in left) == 2  # what each host did, in the end
    assert [line for line in left if line][-1] == "published: that was it"


def test_a_log_has_no_control_codes(terminal):
    assert "\x1b" not in terminal[1]
    assert "Take some time" in terminal[1]


def test_colors_are_left_out_where_nobody_wants_them(terminal, tmp_path):
    assert COLOR.search(terminal[0])
    assert not COLOR.search(run(tmp_path, True, NO_COLOR="1"))


@pytest.mark.parametrize("terminal_too, more", [(False, {}), (True, {"TERM": "dumb", "NO_COLOR": "1"})])
def test_what_is_no_terminal_gets_plain_lines(tmp_path, terminal_too, more):
    output = run(tmp_path, terminal_too, EVENKEEL_PROGRESS_S="1", **more)
    assert "\x1b" not in output
    assert "still at work after" in output


def screen(output):
    """What is on a terminal in the end, for the few codes that are used here."""
    rows, row, column = [""], 0, 0
    for code, text in re.findall(r"(\x1b\[[0-9;]*[A-Za-z]|\r|\n)|([^\x1b\r\n]+)", output):
        if code == "\n":
            row, column = row + 1, 0
            rows += [""] * (row + 1 - len(rows))
        elif code == "\r":
            column = 0
        elif code == "\x1b[J":
            rows[row:] = [rows[row][:column]]
        elif code.endswith("A"):
            row = max(0, row - int(code[2:-1] or 1))
        elif text:
            rows[row] = rows[row][:column].ljust(column) + text + rows[row][column + len(text) :]
            column += len(text)
    return rows


def works(count, title="Prove it", age=5.0):
    return [Work("prepare", title, f"web{i}", age) for i in range(count)]


def test_hosts_that_do_the_same_share_a_line():
    assert lines(works(3), 80) == ["  prepare   web0, web1, web2  5 s  Prove it"]
    assert lines(works(300), 80) == ["  prepare   300 hosts  5 s  Prove it"]


def test_what_is_over_at_once_does_not_flicker():
    assert lines(works(1, age=0.1), 80) == []


def test_there_are_never_more_lines_than_a_few_nor_longer_ones_than_the_terminal():
    many = [work for i in range(50) for work in works(1, f"{i} " + "long " * 40)]
    for width in (3, 20, 80):
        found = lines(many, width)
        assert len(found) <= 6
        assert all(len(line) < width for line in found)


def test_a_title_cannot_move_the_cursor():
    assert "\x1b" not in lines(works(1, "a\x1b[2Jb\n"), 80)[0]
