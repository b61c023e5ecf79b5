"""Pushes through two balancers: refused, judged by visitors, broken off, and past a host that is down."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.hosts.bed import PROJECT, Box
from tests.hosts.changing import Fleet, answerers, release_of
from tests.hosts.edge import Crowd
from tests.hosts.fleet import BED, environment, wait_until

BALANCERS = ("f-edge1", "f-edge2")
WEB = ("f-web1", "f-web2")
SLOW = "/srv/www/beta/public/slow"  # with it, asking beta through a balancer takes longer than a step of a rollout is to take
DEADLINE_S = 20
QUICK = ("--extra-vars", f"soak_s=0 deadline_s={DEADLINE_S}")
# A rollout that breaks off between two confirmations: f-web1 is told that the release stays, f-web2 is not.
HALF = """
- hosts: web
  gather_facts: false
  become: true
  vars_files: {project}/playbooks/vars/rollout.yml
  tasks:
    - import_tasks: {project}/playbooks/tasks/compile.yml
    - import_tasks: {project}/playbooks/tasks/prepare.yml
    - include_tasks: {project}/playbooks/tasks/live.yml
    - release: {{state: confirmed, id: "{{{{ rollout.release }}}}", rollout: "{{{{ rollout.id }}}}"}}
      when: inventory_hostname == 'f-web1'
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet(tmp_path_factory.mktemp("fleet"), BALANCERS).has(WEB)


def push(fleet: Fleet, output: Path, *more: str) -> subprocess.Popen[bytes]:
    """A push in a process group of its own, which may be killed."""
    argv = ["ansible-playbook", str(PROJECT / "playbooks" / "push.yml"), "--inventory", str(fleet.inventory / "hosts.yml")]
    argv += ["--inventory", str(BED / "hosts.json"), "--extra-vars", f"rollout_inventory={fleet.inventory}", *more]
    unmuted = {**environment(), "ANSIBLE_STDOUT_CALLBACK": "evenkeel"}
    return subprocess.Popen(argv, cwd=PROJECT, env=unmuted, stdout=output.open("wb"), start_new_session=True)


def says(output: Path, text: str) -> bool:
    return wait_until(lambda: text in output.read_text(), 300)


def status(host: str) -> dict[str, Any]:
    return dict(json.loads(Box(host).run("evenkeel", "status", "--json", check=False)))


def settled() -> bool:
    """One confirmed release on every web host, and visitors for all of them."""
    web = [status(host) for host in WEB]
    nobody_out = not any(status(balancer)["absent"] for balancer in BALANCERS)
    return nobody_out and all(one["confirmed"] for one in web) and len({one["current"] for one in web}) == 1


def test_a_second_push_is_refused_and_told_whose_the_first_is_and_nobody_notices(fleet: Fleet, tmp_path: Path) -> None:
    output = tmp_path / "first"
    fleet.setting("alpha", "turn.txt", "refused")
    with Crowd(tmp_path) as crowd:
        first = push(fleet, output, "--extra-vars", "soak_s=15 actor=anna")
        assert says(output, "live      f-web1")
        said = fleet.play("push.yml", "--extra-vars", "soak_s=0 actor=ben", check=False)
        assert first.wait() == 0
    assert "of anna is under way since" in said and "rejected: " in said
    assert "published: " in output.read_text()
    assert crowd.failed == []
    assert settled()


def test_visitors_who_fare_worse_take_a_release_back_that_passed_every_probe(fleet: Fleet, tmp_path: Path) -> None:
    before = release_of(WEB[0])
    fleet.setting("beta", "mood.txt", "sour")
    with Crowd(tmp_path) as crowd:
        said = fleet.play("push.yml", "--extra-vars", "soak_s=30", check=False)
    assert "reverted: " in said and "visitors fare worse" in said
    assert {release_of(host) for host in WEB} == {before}
    assert settled()
    assert {visit.site for visit in crowd.failed} == {"beta"}
    fleet.setting("beta", "mood.txt", "sweet")


def test_a_batch_that_takes_long_to_ask_is_asked_by_and_by_and_visitors_stay_where_nobody_else_serves(
    fleet: Fleet, tmp_path: Path
) -> None:
    output = tmp_path / "slow"
    fleet.setting("beta", "turn.txt", str(tmp_path))
    for host in WEB:
        Box(host).run("touch", SLOW)
    try:
        with Crowd(tmp_path) as crowd:
            assert push(fleet, output, "--extra-vars", "soak_s=0 deadline_s=10 batches=2", "-v").wait() == 0, output.read_text()
    finally:
        for host in WEB:
            Box(host).run("rm", SLOW)
    said = output.read_text()
    assert said.count("still to be asked: f-web2") >= len(BALANCERS), said
    assert "visitors stay on f-web1, f-web2, because nobody else would serve them" in said
    assert crowd.failed == []
    assert settled()


def test_a_dead_controller_s_hosts_end_alike_and_get_visitors_again(fleet: Fleet, tmp_path: Path) -> None:
    output = tmp_path / "dead"
    fleet.setting("alpha", "turn.txt", "dead")
    with Crowd(tmp_path) as crowd:
        dying = push(fleet, output, *QUICK)
        assert says(output, "live      f-web1")
        os.killpg(dying.pid, signal.SIGKILL)
        dying.wait()
        assert wait_until(settled, 3 * DEADLINE_S)
    assert crowd.failed == []


def test_a_host_that_was_not_told_ends_as_the_one_that_was(fleet: Fleet, tmp_path: Path) -> None:
    before = release_of(WEB[0])
    fleet.setting("alpha", "turn.txt", "half")
    (tmp_path / "half.yml").write_text(HALF.format(project=PROJECT))
    fleet.play(str(tmp_path / "half.yml"), *QUICK)
    assert wait_until(settled, 3 * DEADLINE_S)
    assert release_of(WEB[1]) == release_of(WEB[0]) != before


def test_a_host_that_is_down_catches_up_before_it_gets_visitors(fleet: Fleet, tmp_path: Path) -> None:
    Box(WEB[1]).kill()
    try:
        said = fleet.setting("alpha", "turn.txt", "down").play("push.yml", "--extra-vars", "soak_s=0 down_ok=true")
    finally:
        Box(WEB[1]).start()
    assert "f-web2 could not be reached and gets no visitors until it has caught up" in said
    assert release_of(WEB[1]) != release_of(WEB[0])
    assert "f-web2 gets no visitors" in fleet.play("status.yml", check=False)
    Box(BALANCERS[1]).kill()
    Box(BALANCERS[1]).start()
    assert wait_until(lambda: answerers(BALANCERS[1]) == {WEB[0]}, 60)
    assert "published: " in fleet.play("push.yml", *QUICK)
    assert settled()
    assert answerers(BALANCERS[1], asked=20) == set(WEB)
