"""One step of a rollout on a balancer: who comes back was seen to serve, who goes is waited for, a person's doing stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from plugins.module_utils.evenkeel import absence, claim
from plugins.module_utils.evenkeel.absence import Absence
from plugins.module_utils.evenkeel.balancer import Balancer
from plugins.module_utils.evenkeel.claim import Claimed
from plugins.module_utils.evenkeel.host import Clock, Host
from plugins.module_utils.evenkeel.probe import Answer, Probe
from plugins.module_utils.evenkeel.step import SERVER_HEADER, Done, Step, Stepper
from plugins.module_utils.evenkeel.switch import Switch
from plugins.module_utils.evenkeel_record.incident_story import STAY
from tests.unit.edge.haproxy_pool import Pool

STEP = Step(rollout="r1", actor="anna", lease_s=60, wait_s=1, release="new", why="gets release new")
PROBES = ({"site": "blog", "name": "front page", "host": "blog.example", "path": "/", "expect": {"status": [200]}},)


class Site:
    """One site behind the balancer: which status hosts answer with, who answers for a host that is not well, and how many seconds
    each answer takes."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.takes_s = 0.0
        self.status = {"web1": 200, "web2": 200}
        self.release = {"web1": "new", "web2": "old"}
        self.instead: dict[str, str] = {}

    def ask(self, probes: Sequence[Probe]) -> list[Answer]:
        self.clock.sleep(self.takes_s * len(probes))
        return [self._answer(probe.headers.get(SERVER_HEADER, "web2")) for probe in probes]

    def _answer(self, host: str) -> Answer:
        host = self.instead.get(host, host)
        headers = {SERVER_HEADER.lower(): host, "evenkeel-release": self.release[host]}
        return Answer(self.status[host], headers)


@pytest.fixture
def pool() -> Pool:
    return Pool("web1", "web2")


@pytest.fixture
def site(host: Host) -> Site:
    return Site(host.clock)


@pytest.fixture
def stepper(host: Host, pool: Pool, site: Site) -> Stepper:
    return Stepper(host, Balancer(host, Switch(pool, [], host.clock)), site.ask)


def back(stepper: Stepper) -> Done:
    return stepper.run(replace(STEP, back=["web1"], out=["web2"], probes=PROBES))


def test_a_batch_comes_back_and_the_next_one_goes_in_one_step(stepper: Stepper, pool: Pool) -> None:
    stepper.run(replace(STEP, out=["web1"]))
    assert pool.out == ["web1"]
    assert back(stepper) == Done(moved=True)
    assert pool.out == ["web2"]


def test_a_batch_that_takes_long_is_asked_in_several_steps_and_nobody_goes_before_the_last(
    stepper: Stepper, pool: Pool, site: Site
) -> None:
    pool.admin["web3"], site.release["web2"] = "ready", "new"
    stepper.run(replace(STEP, out=["web1", "web2"]))
    site.takes_s = 0.05
    slow = replace(STEP, back=["web1", "web2"], out=["web3"], probes=PROBES, for_s=0.01)
    first = stepper.run(slow)
    assert (first.left, first.failures, pool.out) == (["web2"], [], ["web2"])
    second = stepper.run(replace(slow, back=first.left))
    assert (second.left, second.failures, pool.out) == ([], [], ["web3"])


def test_what_is_wrong_with_one_is_told_although_others_are_left(stepper: Stepper, pool: Pool, site: Site) -> None:
    pool.admin["web3"] = "ready"
    stepper.run(replace(STEP, out=["web1", "web2"]))
    site.takes_s, site.status["web1"], site.release["web2"] = 0.05, 500, "new"
    done = stepper.run(replace(STEP, back=["web1", "web2"], probes=PROBES, for_s=0.01))
    assert done.failures and pool.out == ["web1", "web2"]


@pytest.mark.parametrize("trouble", ["status", "release"])
def test_a_host_that_answers_wrongly_through_the_balancer_stays_out_and_nobody_else_goes(
    stepper: Stepper, pool: Pool, site: Site, trouble: str
) -> None:
    stepper.run(replace(STEP, out=["web1"]))
    getattr(site, trouble)["web1"] = 500 if trouble == "status" else "old"
    assert back(stepper).failures
    assert pool.out == ["web1"]


def test_a_host_for_which_another_one_answers_is_not_well(stepper: Stepper, pool: Pool, site: Site) -> None:
    stepper.run(replace(STEP, out=["web1"]))
    site.instead["web1"] = "web2"
    assert "web2 answered instead" in back(stepper).failures[0]
    assert pool.out == ["web1"]


def test_a_host_that_does_not_pass_its_check_is_waited_for_and_stays_out(stepper: Stepper, pool: Pool, host: Host) -> None:
    stepper.run(replace(STEP, out=["web1"]))
    pool.sick = {"web1"}
    began = host.clock.monotonic()
    assert back(stepper).failures == ["web1 does not pass this balancer's check: web says DOWN L4CON after 1 s"]
    assert host.clock.monotonic() - began >= STEP.wait_s
    assert pool.out == ["web1"]


def test_a_site_that_fails_on_every_host_blocks_nobody(stepper: Stepper, pool: Pool, site: Site) -> None:
    stepper.run(replace(STEP, out=["web1"]))
    site.status.update(web1=500, web2=500)
    assert not back(stepper).failures
    assert pool.out == ["web2"]


def test_a_host_without_probes_that_fails_its_check_gets_no_visitors(stepper: Stepper, pool: Pool) -> None:
    stepper.run(replace(STEP, out=["web1"]))
    pool.sick.add("web1")
    done = stepper.run(replace(STEP, back=["web1"]))
    assert "web1 is ready, but web says DOWN" in done.failures[0]


def test_requests_that_do_not_end_are_told_and_stop_nothing(stepper: Stepper, pool: Pool) -> None:
    pool.busy["web1"] = 2
    done = stepper.run(replace(STEP, out=["web1"]))
    assert "2 requests under way" in done.aside
    assert not done.failures


@pytest.mark.parametrize("other", [None, "drained", "sick"])
def test_where_nobody_else_would_serve_visitors_stay_and_the_host_is_asked_all_the_same(
    stepper: Stepper, pool: Pool, site: Site, other: str | None
) -> None:
    if other is None:
        del pool.admin["web2"]
    elif other == "drained":
        pool.admin["web2"] = "drain"
    else:
        pool.sick = {"web2"}
    out = [name for name, state in pool.admin.items() if state != "ready"]
    assert STAY + "web1" in stepper.run(replace(STEP, out=["web1"])).aside
    assert pool.out == out
    assert stepper.run(replace(STEP, back=["web1"], probes=PROBES)) == Done()
    site.status["web1"] = 500
    assert stepper.run(replace(STEP, back=["web1"], probes=PROBES)).failures
    assert pool.out == out


def test_what_a_person_took_out_stays_out(host: Host, stepper: Stepper, pool: Pool) -> None:
    by_hand = Absence("drain", "its disk is replaced", "", host.clock.now())
    Balancer(host, Switch(pool, [], host.clock)).take_out(["web1"], by_hand, 1)
    stepper.run(replace(STEP, out=["web1"]))
    stepper.run(replace(STEP, back=["web1"]))
    assert (pool.out, absence.load(host)["web1"]) == (["web1"], by_hand)


def test_a_server_that_joins_drained_is_not_let_in_by_a_rollout(stepper: Stepper, pool: Pool) -> None:
    pool.admin["web1"] = "drain"
    stepper.run(replace(STEP, out=["web1"]))
    stepper.run(replace(STEP, back=["web1"], probes=PROBES))
    assert pool.out == ["web1"]


def test_servers_that_the_balancer_lacks_are_passed_over(stepper: Stepper, pool: Pool) -> None:
    done = stepper.run(replace(STEP, back=["web8"], out=["web9"], hold=["web9"], probes=PROBES))
    assert (done, pool.out) == (Done(), [])


def test_a_host_that_was_down_stays_out_until_another_rollout_brings_it_up(host: Host, stepper: Stepper, pool: Pool) -> None:
    stepper.run(replace(STEP, hold=["web1"], last=True))
    host.clock.sleep(10_000)
    Balancer(host, Switch(pool, [], host.clock)).bring_back_overdue()
    assert pool.out == ["web1"]
    stepper.run(replace(STEP, rollout="r2", out=["web1"]))
    stepper.run(replace(STEP, rollout="r2", back=["web1"], probes=PROBES))
    assert pool.out == []


def test_a_second_rollout_moves_nobody(stepper: Stepper, pool: Pool) -> None:
    stepper.run(STEP)
    with pytest.raises(Claimed, match="r1 of anna"):
        stepper.run(replace(STEP, rollout="r2", out=["web1"]))
    assert pool.out == []


def test_the_last_step_lets_others_begin(host: Host, stepper: Stepper) -> None:
    stepper.run(replace(STEP, last=True))
    assert claim.load(host) is None
