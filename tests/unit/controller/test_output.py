"""What somebody sees who runs a playbook: any playbook, with the project's callback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOK = """
- name: Some play of somebody
  hosts: one, two
  gather_facts: false
  tasks:
    - name: fetch | Get the thing, because we need it
      ansible.builtin.command: echo hello
      register: got
    - name: fetch | Look, and change nothing
      ansible.builtin.command: echo quiet
      changed_when: false
    - name: hide | Keep a secret
      ansible.builtin.command: echo hunter2
      no_log: true
    - name: hide | Fail with a secret
      ansible.builtin.command: sh -c 'echo hunter2; false'
      no_log: true
      ignore_errors: true
    - name: loop | Take several, one after another
      ansible.builtin.command: test {{ item }} != c
      loop: [a, b, c]
      ignore_errors: true
    - name: say | Say it
      ansible.builtin.debug:
        msg: [first line, second line]
    - name: break | Fail, loudly
      ansible.builtin.command: sh -c 'echo the cause >&2; exit 3'
      when: inventory_hostname == 'two'
      ignore_errors: true
    - name: end | Say the last word
      ansible.builtin.set_stats:
        data: {evenkeel_message: "rejected: that was it"}
      run_once: true
    - name: end | Fail with it
      ansible.builtin.fail:
        msg: "rejected: that was it"
      run_once: true
"""


def run(tmp_path, *options):
    (tmp_path / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    (tmp_path / "hosts").write_text("one ansible_connection=local\ntwo ansible_connection=local\n", encoding="utf-8")
    settings = {
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "plugins" / "callback"),
        "ANSIBLE_STDOUT_CALLBACK": "evenkeel",
        "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCAL_TEMP": str(tmp_path),
    }
    program = Path(sys.executable).with_name("ansible-playbook")
    command = [str(program), "-i", str(tmp_path / "hosts"), str(tmp_path / "play.yml"), *options]
    return subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    done = run(tmp_path_factory.mktemp("terse"))
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stdout


def test_a_change_is_one_line_with_phase_host_and_time(output):
    lines = [line.split() for line in output.splitlines() if "Get the thing" in line]
    assert sorted(line[:5] for line in lines) == [
        ["fetch", "one", "Get", "the", "thing"],
        ["fetch", "two", "Get", "the", "thing"],
    ]
    assert "because we need it" not in output


def test_what_changed_nothing_is_not_told(output):
    assert "Look, and" not in output


def test_no_log_is_respected(output):
    assert "hunter2" not in output


def test_items_are_told_in_one_line_and_failed_ones_by_name(output):
    assert "failed at c: Take several, one after another" in output


def test_a_failure_is_told_in_full_as_text(output):
    assert "failed: Fail, loudly" in output
    assert "stderr: the cause" in output
    assert "{" not in output


def test_a_message_is_printed_as_it_is(output):
    assert "first line\nsecond line\n" in output


def test_the_last_word_is_the_last_line_and_told_once(output):
    assert output.splitlines()[-1] == "rejected: that was it"
    assert output.count("that was it") == 1


def test_verbose_runs_look_as_ansible_users_know_them(tmp_path):
    shown = run(tmp_path, "-v").stdout
    assert "TASK [fetch | Get the thing, because we need it]" in shown
    assert shown.splitlines()[-1] == "rejected: that was it"
