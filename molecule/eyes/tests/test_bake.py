"""A release breaks a site only after its confirm: hosts go back by themselves, and somebody is told why, once, though two watch.

It runs before test_eyes, after which no site was well before.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.client.process import Stream
from demo.client.record import Visit, failures
from tests.hosts.bed import PROJECT, Box
from tests.hosts.eyes import TRUTH, light_load, play, status_page
from tests.hosts.fleet import wait_until
from tests.hosts.oncall import MONITORS, Call, calls

HOSTS = (Box("e-web1"), Box("e-web2"))
RESULT = PROJECT / "build" / "eyes" / "watch.json"
TOUCHED = "beta"
SWITCH = "/srv/www/beta/public/late"  # nobody proves a page of which this file is not there yet
MISTAKE = "<?php if (is_file($_SERVER['DOCUMENT_ROOT'] . '/late')) { http_response_code(500); exit; }\n"
FIRING = "http://127.0.0.1:9093/api/v2/alerts?filter=environment%3D%22inventory%22"
ALERT = "RegressionAfterRollout"


@dataclass(frozen=True)
class Bake:
    """`before` is what hosts served before the push, `after` their status once they went back; `pages` say why; `told` is what
    the push said whose truth asks for just that."""

    visits: list[Visit]
    pages: list[Call]
    rollout: str
    before: list[str]
    after: list[dict[str, Any]]
    told: str

    @property
    def failed(self) -> list[Visit]:
        return failures(self.visits)


@pytest.fixture(scope="module")
def bake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bake]:
    wait_until(lambda: all(status(host)["confirmed"] for host in HOSTS), 120)
    before = [status(host)["current"] for host in HOSTS]
    stream = Stream(light_load(), tmp_path_factory.mktemp("visitors"))
    stream.start()
    try:
        begun = time.time()
        play("push.yml", "-e", "soak_s=5", truth=with_mistake(tmp_path_factory.mktemp("mistake")))
        for host in HOSTS:
            host.run("touch", SWITCH)
        wait_until(lambda: all(went_back(host) for host in HOSTS), 150)
        wait_until(lambda: regressions(begun) != [], 60)
        after = [status(host) for host in HOSTS]
        told = play("push.yml", "-e", "soak_s=5")  # without the mistake: what hosts went back to is what is asked for
        wait_until(lambda: over(begun) and all(host.run("curl", "-s", FIRING).count(ALERT) == 0 for host in MONITORS), 60)
        yield Bake(stream.stop(), regressions(begun), rollout(after[0]), before, after, told)
    finally:
        stream.kill()
        for host in HOSTS:
            host.run("rm", "-f", SWITCH)


def with_mistake(folder: Path) -> Path:
    """The truth of an environment of the same name, in which beta has a settings file more."""
    shutil.copytree(TRUTH, folder / TRUTH.name)
    settings = folder / TRUTH.name / "sites" / TOUCHED / "settings"
    settings.mkdir()
    (settings / "late.php").write_text(MISTAKE)
    return folder / TRUTH.name


def regressions(since: float) -> list[Call]:
    return [call for call in calls(since) if call.environment == TRUTH.name and ALERT in dict(call.names)]


def over(since: float) -> bool:
    """Whether somebody was told that it is."""
    return not all(map(broken, regressions(since)))


def broken(call: Call) -> bool:
    """Whether it says that the regression lasts; what else burns is told in the same call, and may end later."""
    return any(one["status"] == "firing" for one in call.said["alerts"] if one["labels"]["alertname"] == ALERT)


def went_back(host: Box) -> bool:
    last = status(host)["journal"][-1]
    return (last["event"], last["actor"]) == ("reverted", "the watch")


def status(host: Box) -> dict[str, Any]:
    said = host.run("evenkeel", "status", "--json", check=False)
    return dict(json.loads(said)) if said.startswith("{") else {"confirmed": False}


def rollout(found: dict[str, Any]) -> str:
    return str([event["rollout"] for event in found["journal"] if event["event"] == "confirmed"][-1])


def test_hosts_go_back_to_what_they_served_before(bake: Bake) -> None:
    assert [one["current"] for one in bake.after] == bake.before
    assert all(TOUCHED in one["regression"] and bake.rollout in one["regression"] for one in bake.after)
    assert all("regressed" in {release["verdict"] for release in one["releases"]} for one in bake.after)


def test_only_visitors_of_the_broken_site_lost_requests_and_they_are_served_again(bake: Bake) -> None:
    assert len(bake.visits) > 500
    assert {visit.site for visit in bake.failed} == {TOUCHED}
    last = max(visit.until for visit in bake.failed)
    assert len([visit for visit in bake.visits if visit.site == TOUCHED and visit.at > last]) > 10
    seconds = {"seconds_to_recover": last - bake.failed[0].at, "seconds_to_page": bake.pages[0].at - bake.failed[0].at}
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({name: round(value, 1) for name, value in seconds.items()}) + "\n")


def test_somebody_is_told_which_rollout_broke_what(bake: Bake) -> None:
    [said] = [one for one in bake.pages[0].said["alerts"] if one["labels"]["alertname"] == ALERT]
    assert said["labels"]["rollout"] == bake.rollout
    assert TOUCHED in said["annotations"]["sites"]


def test_the_alert_ends_with_the_next_push(bake: Bake) -> None:
    assert not [host.name for host in MONITORS if ALERT in host.run("curl", "-sS", "--fail", FIRING)]
    assert [status(host)["regression"] for host in HOSTS] == ["", ""]
    assert f"This ends what hosts went back for: rollout {bake.rollout} broke {TOUCHED}" in bake.told


def test_two_that_watch_take_hosts_back_once_and_call_once(bake: Bake) -> None:
    for host in HOSTS:
        events = map(json.loads, host.run("cat", "/var/lib/evenkeel/journal.jsonl").splitlines())
        own = [event["event"] for event in events if event["rollout"] == bake.rollout]
        assert (own.count("regression"), own.count("reverted")) == (1, 1)
    assert len({call.by for call in bake.pages}) == 1
    assert [broken(call) for call in bake.pages] == [True, False], [call.said for call in bake.pages]


def test_customers_read_of_it_at_the_balancer(bake: Bake) -> None:
    assert "Websites" in status_page()
