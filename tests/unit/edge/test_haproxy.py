"""HAProxy at run time, without one: its answers as 2.6 gives them."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils.evenkeel import haproxy
from plugins.module_utils.evenkeel.haproxy import HaproxyRefused
from plugins.module_utils.evenkeel.switch import ServerNotSettled, Switch
from tests.unit.engine.builders import Standing

HEADER = (
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight"
    " srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state"
    " bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr"
    " srv_agent_port"
)
CONFIG = """
backend web
  option httpchk
  server web1 192.0.2.11:81
  server web3 192.0.2.13:80
backend web-anyway
  server web1 192.0.2.11:81
  server web3 192.0.2.13:80
"""


class FakeHaproxy:
    """web1 in two backends, one of which checks. `checks_pass` says how a health check ends, `sessions` who is there."""

    def __init__(self) -> None:
        self.admin = {"web": 0, "web-anyway": 0}
        self.down = False
        self.checks_pass = True
        self.sessions = 0
        self.said: list[str] = []

    def ask(self, command: str) -> str:
        if command.startswith("show servers state"):
            return "\n".join(["1", HEADER, *map(self._state, self.admin)])
        if command.startswith("show stat"):
            self.down = self.down and not self.checks_pass
            return "\n".join(["# pxname,svname,qcur,scur,status,check_status,bck", *map(self._stat, self.admin)])
        self.said.append(command)
        for part in command.split("; "):
            self._set(*part.split()[2:])
        return ""

    def _set(self, name: str, what: str, value: str) -> None:
        backend = name.split("/")[0]
        if what == "state":
            self.admin[backend] = {"ready": 0, "maint": 1, "drain": 8}[value]
        else:
            self.down = True

    def _state(self, backend: str) -> str:
        check = 6 if backend == "web" else 0
        return f"4 {backend} 1 web1 192.0.2.11 2 {self.admin[backend]} 1 1 29 15 3 3 {check} 0 0 0 - 80 - 0 0 - - 0"

    def _stat(self, backend: str) -> str:
        if self.admin[backend] == 1:
            return f"{backend},web1,0,0,MAINT,,0"
        if backend != "web":
            return f"{backend},web1,0,0,no check,,0"
        status = "DRAIN" if self.admin[backend] else "DOWN" if self.down else "UP"
        return f"web,web1,0,{self.sessions},{status},{'L4CON' if self.down else 'L7OK'},0"


@pytest.fixture
def balancer() -> FakeHaproxy:
    return FakeHaproxy()


def switch(balancer: FakeHaproxy, *old: Any) -> Switch:
    return Switch(balancer, old, Standing())


def test_a_drain_is_told_once_in_every_backend(balancer: FakeHaproxy) -> None:
    assert switch(balancer).bring(["web1"], "drain", 1).changed
    assert balancer.said == ["set server web/web1 state drain", "set server web-anyway/web1 state drain"]
    assert not switch(balancer).bring(["web1"], "drain", 1).changed


def test_check_mode_tells_nothing(balancer: FakeHaproxy) -> None:
    assert switch(balancer).bring(["web1"], "drain", 1, dry=True).changed
    assert balancer.said == []


def test_a_drain_waits_for_those_who_are_there(balancer: FakeHaproxy) -> None:
    balancer.sessions = 3
    with pytest.raises(ServerNotSettled, match="3 requests under way"):
        switch(balancer).bring(["web1"], "drain", 0)


def test_out_of_maintenance_a_host_is_down_until_it_was_checked(balancer: FakeHaproxy) -> None:
    switch(balancer).bring(["web1"], "maint", 1)
    balancer.said.clear()
    switch(balancer).bring(["web1"], "ready", 1)
    assert balancer.said[0] == "set server web/web1 state ready; set server web/web1 health down"
    assert balancer.said[1] == "set server web-anyway/web1 state ready"


def test_a_host_that_fails_its_check_is_not_ready(balancer: FakeHaproxy) -> None:
    switch(balancer).bring(["web1"], "maint", 1)
    balancer.checks_pass = False
    with pytest.raises(ServerNotSettled, match="web says DOWN L4CON"):
        switch(balancer).bring(["web1"], "ready", 0)


def test_processes_of_before_a_reload_are_told_too(balancer: FakeHaproxy) -> None:
    old = FakeHaproxy()
    switch(balancer, old).bring(["web1"], "drain", 1)
    assert old.said == balancer.said


def test_an_unknown_server_is_an_error(balancer: FakeHaproxy) -> None:
    with pytest.raises(HaproxyRefused, match="web9"):
        switch(balancer).bring(["web9"], "drain", 1)


def test_an_error_of_haproxy_is_an_error() -> None:
    class Refusing:
        def ask(self, command: str) -> str:
            return "No such server.\n"

    with pytest.raises(HaproxyRefused, match="No such server"):
        haproxy.tell(Refusing(), "set server web/web9 state drain")


def rows(text: bytes) -> dict[tuple[str, str], dict[str, str]]:
    lines = text.decode().splitlines()
    names = lines[1][2:].split()
    found = [dict(zip(names, line.split(), strict=True)) for line in lines[2:]]
    return {(row["be_name"], row["srv_name"]): row for row in found}


def test_a_drain_outlives_a_reload_and_the_port_is_the_new_one(balancer: FakeHaproxy) -> None:
    balancer.admin["web"] = 8
    row = rows(haproxy.state_for(CONFIG, haproxy.state_text(balancer)))["web", "web1"]
    assert (row["srv_admin_state"], row["srv_port"]) == ("8", "81")


def test_a_server_that_joins_others_is_drained_until_somebody_has_seen_it_serve(balancer: FakeHaproxy) -> None:
    made = rows(haproxy.state_for(CONFIG, haproxy.state_text(balancer)))
    checked, anyway = made["web", "web3"], made["web-anyway", "web3"]
    assert (checked["srv_op_state"], checked["srv_admin_state"], checked["srv_port"]) == ("0", "8", "80")
    assert (anyway["srv_op_state"], anyway["srv_admin_state"]) == ("2", "8")


def test_servers_of_a_new_backend_begin_as_haproxy_has_them(balancer: FakeHaproxy) -> None:
    assert rows(haproxy.state_for(CONFIG.replace("backend web", "backend shops"), haproxy.state_text(balancer))) == {}


def test_who_joins_others_is_known_by_name(balancer: FakeHaproxy) -> None:
    now = haproxy.state_text(balancer)
    assert haproxy.joining(CONFIG, now) == {"web3"}
    assert haproxy.joining(CONFIG.replace("backend web", "backend shops"), now) == set()
    assert haproxy.named(CONFIG) == {"web1", "web3"}
