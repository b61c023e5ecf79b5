"""Who gets no visitors is remembered over everything, and comes back by itself when whoever took it out is dead."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import absence, balancer
from plugins.module_utils.evenkeel.absence import Absence
from plugins.module_utils.evenkeel.balancer import Balancer
from plugins.module_utils.evenkeel.haproxy import HaproxyRefused
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.switch import ServerNotSettled, Switch
from tests.unit.edge.haproxy_pool import Pool
from tests.unit.edge.test_haproxy import CONFIG


@pytest.fixture
def pool() -> Pool:
    return Pool("web1", "web3")


@pytest.fixture
def ours(host: Host, pool: Pool) -> Balancer:
    return Balancer(host, Switch(pool, [], host.clock))


def out(host: Host, for_s: float | None = None, rollout: str = "r1") -> Absence:
    now = host.clock.now()
    return Absence("drain", "gets a release", rollout, now, None if for_s is None else now + for_s)


def test_who_was_taken_out_is_remembered_with_why(host: Host, ours: Balancer, pool: Pool) -> None:
    ours.take_out(["web1"], out(host), 1)
    assert pool.out == ["web1"]
    assert absence.load(host)["web1"].why == "gets a release"
    ours.put_back(["web1"], 1)
    assert (pool.out, absence.load(host)) == ([], {})


def test_a_server_that_nobody_knows_is_neither_told_nor_remembered(host: Host, ours: Balancer) -> None:
    with pytest.raises(HaproxyRefused, match="web9"):
        ours.take_out(["web1", "web9"], out(host), 1)
    assert absence.load(host) == {}


def test_check_mode_remembers_nothing(host: Host, ours: Balancer, pool: Pool) -> None:
    assert ours.take_out(["web1"], out(host, 60), 1, dry=True).changed
    assert (pool.out, absence.load(host)) == ([], {})


def test_who_does_not_pass_its_check_stays_remembered(host: Host, ours: Balancer, pool: Pool) -> None:
    ours.take_out(["web1"], out(host), 1)
    pool.sick.add("web1")
    with pytest.raises(ServerNotSettled, match="web says DOWN L4CON"):
        ours.put_back(["web1"], 0)
    assert "web1" in absence.load(host)


def test_a_dead_rollout_s_hosts_come_back_by_themselves_and_others_do_not(host: Host, ours: Balancer, pool: Pool) -> None:
    ours.take_out(["web1"], out(host, 60), 1)
    ours.take_out(["web3"], out(host, rollout=""), 1)
    assert any("evenkeel-return.service" in asked for asked in host.programs.asked)  # type: ignore[attr-defined]
    host.clock.sleep(59)
    ours.bring_back_overdue()
    assert pool.out == ["web1", "web3"]
    host.clock.sleep(2)
    ours.bring_back_overdue()
    assert (pool.out, list(absence.load(host))) == (["web3"], ["web3"])


def test_a_rollout_that_goes_on_keeps_its_hosts_out(host: Host, ours: Balancer, pool: Pool) -> None:
    ours.take_out(["web1"], out(host, 60), 1)
    host.clock.sleep(59)
    absence.put_off(host, "r1", host.clock.now() + 60)
    host.clock.sleep(30)
    ours.bring_back_overdue()
    assert pool.out == ["web1"]


def boot(host: Host) -> dict[str, dict[str, str]]:
    """What HAProxy reads when the balancer has booted, by server, of the pool."""
    config = Path(host.paths.at(absence.CONFIG))
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(CONFIG)
    balancer.at_boot(host)
    state = Path(host.paths.at("/run/haproxy/servers.state"))
    lines = state.read_text().splitlines() if state.exists() else ["1", "#"]
    rows = [dict(zip(lines[1][2:].split(), line.split(), strict=True)) for line in lines[2:]]
    return {row["srv_name"]: row for row in rows if row["be_name"] == "web"}


def test_a_drain_outlives_the_balancer_s_boot(host: Host, ours: Balancer) -> None:
    ours.take_out(["web3"], out(host), 1)
    rows = boot(host)
    assert list(rows) == ["web3"]
    assert rows["web3"]["srv_admin_state"] == "8"


def test_a_dead_rollout_s_drain_does_not_outlive_it(host: Host, ours: Balancer) -> None:
    ours.take_out(["web3"], out(host, 60), 1)
    host.clock.sleep(61)
    assert boot(host) == {}


@pytest.mark.parametrize("data", [b"", b"{", b'{"absent": []}', b'{"absent": {"web1": 1}}', b"\xff"])
def test_a_memory_that_nobody_can_read_keeps_no_balancer_from_booting(host: Host, data: bytes) -> None:
    Path(host.paths.absences).write_bytes(data)
    assert boot(host) == {}
