"""A pool's visitors go to the backups and back, as HAProxy 2.6 answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils import haproxy_failover
from plugins.module_utils.evenkeel.disk import Disk
from plugins.module_utils.evenkeel.haproxy import HaproxyRefused
from plugins.module_utils.haproxy_failover import FILE, Failover
from tests.unit.edge.test_haproxy import FakeHaproxy


class Balancer(FakeHaproxy):
    """web1 as the only backup of the pool `web`."""

    def __init__(self) -> None:
        super().__init__()
        self.admin = {"web-backups": 0}
        self.over: list[str] = []

    def ask(self, command: str) -> str:
        if command == "show acl " + FILE:
            return "\n".join(f"0x55d0 {pool}" for pool in self.over)
        verb, noun, *rest = command.split()
        if noun == "acl":
            self.said.append(command)
            self.over = [pool for pool in self.over if pool != rest[1]] + ([rest[1]] if verb == "add" else [])
            return ""
        return super().ask(command)

    def _stat(self, backend: str) -> str:
        return f"{backend},web1,0,0,{'DRAIN' if self.admin[backend] else 'DOWN' if self.down else 'UP'},L7OK,0"


@pytest.fixture
def balancer() -> Balancer:
    return Balancer()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    (tmp_path / "failover.list").write_text("")
    return tmp_path / "failover.list"


def failover(balancer: Balancer, kept: Path, *old: Balancer) -> Failover:
    return Failover(balancer, old, Disk(), str(kept))


def test_it_is_told_once_and_kept_for_the_next_process(balancer: Balancer, kept: Path) -> None:
    assert failover(balancer, kept).bring("web", to_backups=True)
    assert (haproxy_failover.pools(balancer), kept.read_text()) == (["web"], "web\n")
    assert not failover(balancer, kept).bring("web", to_backups=True)
    assert failover(balancer, kept).bring("web", to_backups=False)
    assert (haproxy_failover.pools(balancer), kept.read_text()) == ([], "")


def test_check_mode_tells_nothing(balancer: Balancer, kept: Path) -> None:
    assert failover(balancer, kept).bring("web", to_backups=True, dry=True)
    assert (balancer.said, kept.read_text()) == ([], "")


@pytest.mark.parametrize("trouble", ["down", "drained", "none"])
def test_it_is_refused_where_no_backup_could_take_the_visitors(balancer: Balancer, kept: Path, trouble: str) -> None:
    balancer.down, balancer.checks_pass = trouble == "down", False
    balancer.admin = {} if trouble == "none" else {"web-backups": 8 if trouble == "drained" else 0}
    with pytest.raises(HaproxyRefused, match="no backup of pool web"):
        failover(balancer, kept).bring("web", to_backups=True)
    assert kept.read_text() == ""


def test_the_way_back_needs_no_backup(balancer: Balancer, kept: Path) -> None:
    failover(balancer, kept).bring("web", to_backups=True)
    balancer.down, balancer.checks_pass = True, False
    assert failover(balancer, kept).bring("web", to_backups=False)


def test_a_run_that_died_between_disk_and_haproxy_is_finished_by_the_next(balancer: Balancer, kept: Path) -> None:
    kept.write_text("web\n")
    assert failover(balancer, kept).bring("web", to_backups=True)
    assert balancer.over == ["web"]


def test_processes_of_before_a_reload_are_told_too(balancer: Balancer, kept: Path) -> None:
    old = Balancer()
    failover(balancer, kept, old).bring("web", to_backups=True)
    assert old.over == ["web"]
