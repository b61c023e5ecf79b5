"""A host comes as a backup, lags, takes over, becomes active and goes, one test after another, and no visitor notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.bed import Box
from tests.hosts.changing import Fleet, answerers, release_of, servers_of
from tests.hosts.edge import Crowd

BALANCERS = ("f-edge1", "f-edge2")
WEB, BACKUP = ("f-web1", "f-web2"), "f-backup1"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet(tmp_path_factory.mktemp("fleet"), BALANCERS).has(WEB, [BACKUP])


def test_a_bare_host_becomes_a_backup_and_nobody_notices(fleet: Fleet, tmp_path: Path) -> None:
    with Crowd(tmp_path) as crowd:
        said = fleet.play("add_backup.yml", "--limit", BACKUP)
    assert crowd.failed == []
    assert f"joined: {BACKUP} joined the fleet" in said
    assert release_of(BACKUP) == release_of(WEB[0])
    assert all(servers_of(balancer) == {*WEB, BACKUP} for balancer in BALANCERS)
    assert "had joined the fleet already" in fleet.play("add_backup.yml", "--limit", BACKUP)


def test_a_backup_is_one_confirmed_release_behind(fleet: Fleet, tmp_path: Path) -> None:
    before = release_of(BACKUP)
    with Crowd(tmp_path) as crowd:
        said = fleet.setting("alpha", "version.txt", "2").play("push.yml", "--extra-vars", "soak_s=0")
    assert crowd.failed == []
    assert f"{BACKUP} serves {before}, which was known good before" in said
    assert release_of(BACKUP) == before != release_of(WEB[0]) == release_of(WEB[1])


def test_a_push_promotes_it_to_what_was_known_good_before_it(fleet: Fleet) -> None:
    known_good = release_of(WEB[0])
    fleet.setting("alpha", "version.txt", "3").play("push.yml", "--extra-vars", "soak_s=0")
    assert release_of(BACKUP) == known_good != release_of(WEB[0])
    assert f"{BACKUP} is 1 confirmed release behind" in fleet.play("status.yml")


def test_a_promotion_tells_the_truth_beforehand_and_is_done_once(fleet: Fleet) -> None:
    assert "planned: " in fleet.play("promote.yml", "--check")
    assert release_of(BACKUP) != release_of(WEB[0])
    assert "promoted: " in fleet.play("promote.yml")
    assert release_of(BACKUP) == release_of(WEB[0])
    assert "unchanged: " in fleet.play("promote.yml")


def test_all_visitors_go_to_the_backup_and_back_and_nobody_notices(fleet: Fleet, tmp_path: Path) -> None:
    with Crowd(tmp_path) as crowd:
        fleet.play("failover.yml", "--extra-vars", "to=backup")
        Box(BALANCERS[0]).run("systemctl", "kill", "--kill-who=main", "--signal=SIGUSR2", "haproxy.service")
        during = answerers(BALANCERS[0]) | answerers(BALANCERS[1])
        told = fleet.play("status.yml")
        fleet.play("failover.yml", "--extra-vars", "to=active")
        after = answerers(BALANCERS[0]) | answerers(BALANCERS[1])
    assert crowd.failed == []
    assert during == {BACKUP} and after <= set(WEB)
    assert "are on the backups" in told


def test_a_backup_that_is_not_well_gets_nobody(fleet: Fleet) -> None:
    Box(BACKUP).run("systemctl", "stop", "apache2")
    try:
        said = fleet.play("failover.yml", "--extra-vars", "to=backup", check=False)
    finally:
        Box(BACKUP).run("systemctl", "start", "apache2")
    assert "refused, nothing was changed" in said and BACKUP in said
    assert answerers(BALANCERS[0]) <= set(WEB)


def test_a_backup_becomes_active_and_nobody_notices(fleet: Fleet, tmp_path: Path) -> None:
    assert "Move its line" in fleet.play("promote_to_active.yml", "--limit", BACKUP, check=False)
    with Crowd(tmp_path) as crowd:
        fleet.has([*WEB, BACKUP]).play("promote_to_active.yml", "--limit", BACKUP)
        assert BACKUP in answerers(BALANCERS[0], asked=20) & answerers(BALANCERS[1], asked=20)
    assert crowd.failed == []


def test_a_host_whose_line_is_gone_goes_and_nobody_notices(fleet: Fleet, tmp_path: Path) -> None:
    with Crowd(tmp_path) as crowd:
        said = fleet.has(WEB).play("remove_host.yml")
    assert crowd.failed == []
    assert f"removed: {', '.join(BALANCERS)} sent {BACKUP} no more visitors" in said
    assert all(servers_of(balancer) == set(WEB) for balancer in BALANCERS)
    assert "unchanged: " in fleet.play("remove_host.yml")
