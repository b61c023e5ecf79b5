"""A host's answer is taken from its engine, and its last words where that died; another engine is nobody's failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plugins.plugin_utils import engine_call


class Connection:
    """What a host says to the one command that it is asked."""

    def __init__(self, rc: int, stdout: str = "", stderr: str = "") -> None:
        self.said = {"rc": rc, "stdout": stdout, "stderr": stderr}
        self.asked: list[tuple[str, bytes]] = []

    def execute(self, command: str, in_data: bytes) -> dict[str, Any]:
        self.asked.append((command, in_data))
        return self.said


def ask(connection: Connection, payload: bytes = b"") -> dict[str, Any] | None:
    return engine_call.ask(connection.execute, "release", {"state": "live"}, False, payload)


def test_request_and_payload_are_sent_in_one() -> None:
    host = Connection(0, "{}")
    ask(host, b"\x00payload")
    command, given = host.asked[0]
    assert command == f"/usr/local/sbin/evenkeel request {engine_call.wanted()}"
    line, _, payload = given.partition(b"\n")
    assert json.loads(line) == {"module": "release", "arguments": {"state": "live"}, "check": False}
    assert payload == b"\x00payload"


def test_the_answer_is_the_last_line() -> None:
    assert ask(Connection(0, 'Welcome to web1\n{"changed": true}\n')) == {"changed": True}


@pytest.mark.parametrize("rc", [2, 3, 126, 127])
def test_another_engine_or_none_is_for_the_module(rc: int) -> None:
    assert ask(Connection(rc, "", "usage: evenkeel [-h] COMMAND ...")) is None


def test_an_engine_that_died_is_quoted() -> None:
    answer = ask(Connection(1, "", "Traceback ...\nMemoryError"))
    assert answer is not None
    assert answer["failed"]
    assert "ended with status 1" in answer["msg"]
    assert "MemoryError" in answer["msg"]
