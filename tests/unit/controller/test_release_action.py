"""Where a host has no engine of this checkout, the module does the work, and the payload travels only to who asks for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# the host's half: knows release aaa, asks for the payload of any other, and writes down each call
MODULE = """#!/usr/bin/python
import json, os, stat
from ansible.module_utils.basic import AnsibleModule

names = ("state", "id", "on_site_failure", "hold_back", "adopt_drift", "deadline_s", "peers", "instead_of",
         "rollout", "actor", "commit")
spec = {name: {"type": "raw"} for name in names}
module = AnsibleModule({**spec, "payload": {"type": "path"}}, supports_check_mode=True)
payload = module.params["payload"]
call = {"id": module.params["id"], "check": module.check_mode, "payload": None}
if payload:
    call["payload"] = {"text": open(payload).read(), "mode": stat.S_IMODE(os.stat(payload).st_mode), "path": payload}
with open(os.environ["CALLS"], "a") as calls:
    calls.write(json.dumps(call) + "\\n")
module.exit_json(needs_payload=module.params["id"] != "aaa" and not payload, message="")
"""
PLAYBOOK = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: prove | Prove
      release: {state: proved, id: %s, payload: %s}
"""


def prove(tmp_path, release, payload, *options):
    """What the playbook printed, and the calls that reached the module."""
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "release.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "play.yml").write_text(PLAYBOOK % (release, payload), encoding="utf-8")
    (tmp_path / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    settings = {
        "ANSIBLE_ACTION_PLUGINS": str(ROOT / "plugins" / "action"),
        "ANSIBLE_LIBRARY": str(tmp_path / "library"),
        "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "CALLS": str(tmp_path / "calls"),
    }
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [str(program), str(tmp_path / "play.yml"), *options],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, [json.loads(line) for line in (tmp_path / "calls").read_text(encoding="utf-8").splitlines()]


def test_a_host_that_has_the_release_is_asked_once(tmp_path):
    _, calls = prove(tmp_path, "aaa", tmp_path / "missing.tar.gz")
    assert calls == [{"id": "aaa", "check": False, "payload": None}]


def test_a_host_that_lacks_it_gets_the_payload_and_keeps_no_copy(tmp_path):
    (tmp_path / "payload.tar.gz").write_text("bytes", encoding="utf-8")
    _, calls = prove(tmp_path, "bbb", tmp_path / "payload.tar.gz")
    assert [call["payload"] is not None for call in calls] == [False, True]
    sent = calls[1]["payload"]
    assert (sent["text"], sent["mode"]) == ("bytes", 0o600)
    assert not Path(sent["path"]).exists()


def test_a_plan_may_see_the_payload_too(tmp_path):
    (tmp_path / "payload.tar.gz").write_text("bytes", encoding="utf-8")
    _, calls = prove(tmp_path, "bbb", tmp_path / "payload.tar.gz", "--check")
    assert [call["check"] for call in calls] == [True, True]


def test_a_payload_that_is_gone_is_said_in_words(tmp_path):
    shown, _ = prove(tmp_path, "bbb", tmp_path / "missing.tar.gz")
    assert "missing.tar.gz is not on the controller. Run playbooks/push.yml, which compiles it again." in shown
