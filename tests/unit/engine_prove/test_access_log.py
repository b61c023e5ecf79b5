"""The logs are read from their young end, and never further than was agreed."""

from __future__ import annotations

import gzip
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.module_utils.evenkeel import access_log
from plugins.module_utils.evenkeel.access_log import Budget, blocks, files
from plugins.module_utils.evenkeel.host import SystemClock


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def monotonic(self):
        return self.seconds


def lines_of(path, max_bytes=1 << 20, max_s=9.0):
    budget = Budget(SystemClock(), max_bytes, max_s)
    return [line for block in blocks(str(path), budget) for line in block.splitlines()]


def test_rotated_files_follow_in_their_order(tmp_path):
    for name in ("access.log", "access.log.1", "access.log.10.gz", "access.log.2.gz", "access.log.bak", "shop-access.log"):
        (tmp_path / name).touch()
    named = [os.path.basename(name) for name in files(str(tmp_path / "access.log"))]
    assert named == ["access.log", "access.log.1", "access.log.2.gz", "access.log.10.gz"]


def test_compressed_files_are_read_too(tmp_path):
    (tmp_path / "access.log").write_bytes(b"young\n")
    (tmp_path / "access.log.1").write_bytes(b"older\n")
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(b"oldest\n" * 3))
    assert lines_of(tmp_path / "access.log") == [b"young", b"older", *[b"oldest"] * 3]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"") or b"x"), max_size=30))
def test_every_line_is_seen_once_whatever_the_size_of_blocks(tmp_path, monkeypatch, written):
    monkeypatch.setattr(access_log, "_BLOCK", 64)
    path = tmp_path / "access.log"
    path.write_bytes(b"".join(line + b"\n" for line in written))
    seen = [line for block in blocks(str(path), Budget(SystemClock())) for line in block.split(b"\n") if line]
    assert sorted(seen) == sorted(written)


def test_a_line_without_end_is_dropped_and_costs_no_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(access_log, "_BLOCK", 64)
    path = tmp_path / "access.log"
    path.write_bytes(b"first\n" + b"A" * 10_000 + b"\nlast\n")
    assert {b"first", b"last"} <= set(lines_of(path))
    assert max(map(len, lines_of(path))) < 200


def test_the_budget_of_bytes_ends_it(tmp_path):
    (tmp_path / "access.log").write_bytes(b"x" * 99 + b"\n")
    (tmp_path / "access.log.1").write_bytes(b"y\n")
    assert lines_of(tmp_path / "access.log", max_bytes=50) == [b"x" * 99]


def test_the_budget_of_seconds_ends_it(tmp_path):
    (tmp_path / "access.log").write_bytes(b"x\n")
    (tmp_path / "access.log.1").write_bytes(b"y\n")
    clock = Clock()
    found = []
    for block in blocks(str(tmp_path / "access.log"), Budget(clock, 1 << 20, 1.0)):
        found.append(block)
        clock.seconds = 2.0
    assert found == [b"x\n"]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path), lambda path: None])
def test_what_is_no_file_is_passed_over(tmp_path, make):
    make(str(tmp_path / "access.log"))
    (tmp_path / "access.log.1").write_bytes(b"older\n")
    assert lines_of(tmp_path / "access.log") == [b"older"]


@pytest.mark.parametrize("damage", [b"no gzip", gzip.compress(b"line\n" * 9000)[:-20], b""])
def test_a_damaged_file_is_passed_over(tmp_path, damage):
    (tmp_path / "access.log.2.gz").write_bytes(damage)
    (tmp_path / "access.log.3.gz").write_bytes(gzip.compress(b"older\n"))
    assert lines_of(tmp_path / "access.log")[-1] == b"older"
