"""What a run of Ansible leaves in the record; its hosts are this machine, its playbook lies where the project's do."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_record import journal, shelf

ROOT = Path(__file__).resolve().parents[3]
SECRET = "hunter2-of-the-vault"
NAMED = """
    - name: name | Name the rollout
      ansible.builtin.set_fact:
        rollout: {id: 20261122T233059Z-81aa01, environment: example, actor: anna, commit: 3f9c0a1, path: "", error: ""}
      run_once: true
"""
CHANGE = """
    - name: fetch | Get the thing
      ansible.builtin.command: echo hello
"""
LOOK = """
    - name: fetch | Look, and change nothing
      ansible.builtin.command: echo quiet
      changed_when: false
"""
SECRETS = """    - name: hide | Keep a secret
      ansible.builtin.shell: echo {{ password }}
      no_log: true
    - name: hide | Fail with a secret
      ansible.builtin.shell: echo {{ password }}; false
      no_log: true
      ignore_errors: true
    - name: hide | Fail with a secret in a loop
      ansible.builtin.shell: "echo {{ item }}; false"
      loop: ["{{ password }}", "{{ password }}2"]
      no_log: true
      ignore_errors: true
    - name: break | Fail after a program printed a secret
      ansible.builtin.shell: echo {{ password }}; echo {{ password }} >&2; exit 3
      when: inventory_hostname == 'two'
      ignore_errors: true
"""
LAST = """
    - name: outcome | Say the last word
      rollout_report:
        report:
          {good: %s, outcome: %s, release: 81aa0192ffe3, rollout: x, held_back: [blog], message: "%s: that was it"}
        path: "{{ playbook_dir }}/report.json"
      run_once: true
"""
HEAD = """
- name: Some play
  hosts: one, two
  gather_facts: false
  tasks:
"""


class Project:
    """A copy of what the callbacks need, with one playbook of its own."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(ROOT / "plugins", folder / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "playbooks").mkdir()
        shutil.copy(ROOT / "ansible.cfg", folder)
        (folder / "example").mkdir()
        hosts = "[all:vars]\nansible_connection=local\nansible_python_interpreter=%s\n[all]\none\ntwo\n" % sys.executable
        (folder / "example" / "hosts").write_text(hosts, encoding="utf-8")

    def start(self, name, text, *options):
        (self.folder / "playbooks" / f"{name}.yml").write_text(text, encoding="utf-8")
        program = Path(sys.executable).with_name("ansible-playbook")
        command = [
            str(program),
            "-i",
            str(self.folder / "example" / "hosts"),
            f"playbooks/{name}.yml",
            "-e",
            f"password={SECRET}",
        ]
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "EVENKEEL_"))}
        environment |= {"ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"), "LOGNAME": "anna", "SUDO_USER": ""}
        return subprocess.Popen(
            [*command, *options], cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, name, text, *options):
        with self.start(name, text, *options) as process:
            output = process.communicate()[0]
        return process.returncode, output

    def record(self):
        return sorted(path.parent for path in self.folder.glob("record/*/*/journal.jsonl"))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def fresh(project):
    shutil.rmtree(project.folder / "record", ignore_errors=True)
    return project


@pytest.fixture(scope="module")
def pushed(tmp_path_factory):
    """A push that names a rollout, does things with secrets, and is taken back."""
    project = Project(tmp_path_factory.mktemp("pushed"))
    code, output = project.run(
        "push", HEAD + NAMED + CHANGE + LOOK + SECRETS + LAST % ("false", "reverted", "reverted"), "-e", "soak_s=3"
    )
    assert code == 2, output
    (folder,) = project.record()
    return folder, journal.read(folder / journal.NAME)


def kinds(events, name):
    return [event for event in events if event["event"] == name]


def test_a_rollout_is_recorded_under_its_own_name_from_the_beginning_of_the_run(pushed):
    folder, events = pushed
    assert folder.parts[-3:] == ("record", "example", "20261122T233059Z-81aa01")
    assert events[0]["event"] == "begin"
    assert events[-1]["event"] == "end"
    assert events[0]["playbook"] == "push"
    assert events[0]["options"] == {"soak_s": "3"}


def test_every_host_is_recorded_with_what_it_did_and_how_long(pushed):
    phases = kinds(pushed[1], "phase")
    assert {event["host"] for event in phases if event["title"] == "Get the thing"} == {"one", "two"}
    assert not [event for event in phases if event["title"].startswith("Look")]
    assert all(event["seconds"] > 0 for event in phases if event["title"] == "Get the thing")


def test_a_failure_is_recorded_with_its_message(pushed):
    (failure,) = [event for event in kinds(pushed[1], "failure") if event["phase"] == "break"]
    assert (failure["host"], failure["outcome"]) == ("two", "failed")
    assert "non-zero return code" in failure["message"]


def test_no_secret_gets_into_any_file(pushed):
    for path in pushed[0].parent.rglob("*"):
        assert path.is_dir() or SECRET not in path.read_text(encoding="utf-8"), path
    hidden = [event for event in kinds(pushed[1], "failure") if event["phase"] == "hide"]
    assert len(hidden) == 6  # two tasks on two hosts, one of them twice
    assert {event["message"] for event in hidden} == {"(not told: it holds secrets)"}


def test_the_report_has_the_last_word(pushed):
    end = pushed[1][-1]
    assert (end["outcome"], end["release"], end["message"]) == ("reverted", "81aa0192ffe3", "reverted: that was it")
    assert end["held_back"] == ["blog"]


def test_pages_are_there_when_a_run_has_failed(pushed):
    assert "Taken back" in (pushed[0] / "index.html").read_text(encoding="utf-8")
    assert "Taken back" in (pushed[0].parent / "index.html").read_text(encoding="utf-8")


def test_a_playbook_that_changes_hosts_without_a_rollout_is_recorded_under_its_own_name(fresh):
    assert fresh.run("failover", HEAD + CHANGE)[0] == 0
    (folder,) = fresh.record()
    assert folder.name.endswith("Z-failover")
    assert folder.parent.name == "example"
    events = journal.read(folder / journal.NAME)
    assert (events[0]["actor"], events[-1]["outcome"]) == ("anna", "done")


def test_two_rollouts_of_one_run_are_two_journals(fresh):
    second = NAMED.replace("81aa01", "ed6e01") + LAST % ("true", "unchanged", "unchanged")
    assert fresh.run("site", HEAD + NAMED + LAST % ("true", "published", "published") + second)[0] == 0
    said = [journal.read(folder / journal.NAME) for folder in fresh.record()]
    assert [(events[0]["rollout"][-6:], events[-1]["outcome"]) for events in said] == [
        ("81aa01", "published"),
        ("ed6e01", "unchanged"),
    ]


@pytest.mark.parametrize("name, text, options", [("status", HEAD + LOOK, ()), ("push", HEAD + NAMED + CHANGE, ("--check",))])
def test_a_run_that_only_looks_leaves_nothing(fresh, name, text, options):
    assert fresh.run(name, text, *options)[0] == 0
    assert not (fresh.folder / "record").exists()


def test_a_record_that_cannot_be_written_is_a_warning_and_no_more(fresh):
    (fresh.folder / "record").write_text("in the way", encoding="utf-8")
    code, output = fresh.run("push", HEAD + NAMED + CHANGE)
    (fresh.folder / "record").unlink()
    assert code == 0, output
    assert output.count("The record of this run is not whole") == 1


def test_a_run_that_is_killed_reads_interrupted(fresh):
    waiting = "    - name: wait | Wait\n      ansible.builtin.command: sleep 60\n"
    with fresh.start("push", HEAD + NAMED + CHANGE + waiting) as process:
        wait_for(lambda: fresh.record() and len(journal.read(fresh.record()[0] / journal.NAME)) >= 3)
        (folder,) = fresh.record()
        assert shelf.load(folder).outcome == "running"
        kill_all(process.pid)
    assert shelf.load(folder).outcome == "interrupted"
    shelf.make_page(folder)
    assert "Interrupted" in (folder / "index.html").read_text(encoding="utf-8")


def wait_for(done, longest_s=60):
    until = time.monotonic() + longest_s
    while not done():
        assert time.monotonic() < until
        time.sleep(0.1)


def kill_all(pid):
    """SIGKILL to a run and its workers, whose sessions are their own."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = dict(map(int, line.split()) for line in listed.splitlines())
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    for one in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def test_a_journal_is_json_line_by_line(pushed):
    lines = (pushed[0] / journal.NAME).read_text(encoding="utf-8").splitlines()
    assert all({"at", "event"} <= set(json.loads(line)) for line in lines)
