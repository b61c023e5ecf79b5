"""Who knocks at PHP's sockets, and how often."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import cli, php_wake
from plugins.module_utils.evenkeel.php_wake import LOOK_S, TABLE, Queues
from tests.unit.engine.builders import Standing
from tests.unit.engine.world import World

Captured = pytest.CaptureFixture[str]

BLOG, SHOP = "/run/php/blog.sock", "/run/php/shop.sock"
HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
LISTENS = "0000000000000000: 00000002 00000000 00010000 0001 01 35060 %s\n"
WAITS = "00000000c0e89732: 00000003 00000000 00000000 0001 02 0 %s\n"
SERVED = "0000000000000000: 00000003 00000000 00000000 0001 03 55555 %s\n"


def test_only_who_was_not_accepted_at_a_pool_waits() -> None:
    rows = [
        LISTENS % BLOG,
        SERVED % BLOG,
        WAITS % SHOP,
        WAITS % "/run/dbus/system_bus_socket",
        WAITS % "/run/php/a b",
        WAITS % "",
    ]
    assert php_wake.waiting((HEAD + "".join(rows)).encode()) == {SHOP}


def test_who_is_accepted_before_the_second_look_costs_no_knock() -> None:
    queues = Queues()
    assert [queues.due(0.0, {BLOG}), queues.due(0.25, set()), queues.due(0.5, {BLOG})] == [{}, {}, {}]


def test_knocks_come_whenever_the_wait_has_doubled_and_each_socket_has_its_own() -> None:
    queues = Queues()
    knocks = [(now, queues.due(now, {BLOG} if now < 1 else {BLOG, SHOP})) for now in (look * LOOK_S for look in range(20))]
    assert [(now, due[BLOG]) for now, due in knocks if BLOG in due] == [
        (0.25, 0.25),
        (0.5, 0.5),
        (1.0, 1.0),
        (2.0, 2.0),
        (4.0, 4.0),
    ]
    assert [now for now, due in knocks if SHOP in due] == [1.25, 1.5, 2.0, 3.0]


class Replaced(Standing):
    """A clock at whose fifth look another engine is there."""

    def __init__(self, command: str) -> None:
        super().__init__(0.0)
        self._command = Path(command)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.monotonic() >= 4 * LOOK_S:
            self._command.write_bytes(b"evenkeel 0123456789ab 01234567")


def test_it_ends_when_another_engine_is_there(world: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    table = Path(world.host.paths.at(TABLE))
    table.parent.mkdir(parents=True)
    table.write_text(HEAD + WAITS % BLOG)
    knocked: list[str] = []
    monkeypatch.setattr(php_wake, "_knock", knocked.append)
    world.host.clock = Replaced(world.host.paths.command)
    assert cli.main(["wake"], world.host) == 0
    assert knocked == [BLOG, BLOG]
    assert capsys.readouterr().out.splitlines()[0] == "somebody has waited 0.2 s at /run/php/blog.sock: knocked"


def test_a_knock_is_one_connection_and_a_socket_that_is_gone_wants_none(tmp_path: Path) -> None:
    path = str(tmp_path / "pool.sock")
    php_wake._knock(path)
    with socket.socket(socket.AF_UNIX) as pool:
        pool.bind(path)
        pool.listen()
        php_wake._knock(path)
        came, _ = pool.accept()
        assert came.recv(1) == b""
