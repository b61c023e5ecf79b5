"""What a host remembers over a crash is read as it was written, or refused in one sentence; a revert reads on."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.module_utils.evenkeel import journal, state
from plugins.module_utils.evenkeel.errors import InvalidState
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.journal import Author
from plugins.module_utils.evenkeel.state import Pending

PENDING = Pending("0123456789ab", "ba9876543210", state.LIVE, 1_800_000_000.5, "r1", "ann", "c0ffee")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.integers(10**300, 10**310),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def write(host: Host, data: bytes) -> None:
    Path(host.paths.state).write_bytes(data)


def test_a_pending_release_survives_a_reboot(host: Host) -> None:
    state.save(host, PENDING)
    assert state.load(host) == PENDING
    state.save(host, None)
    assert state.load(host) is None


def test_a_host_without_state_has_nothing_pending(host: Host) -> None:
    assert state.load(host) is None


def test_only_root_reads_who_pushes_what(host: Host) -> None:
    state.save(host, PENDING)
    assert Path(host.paths.state).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"null", b"[]", b'{"format": 2, "pending": null}', b"\xff", b"[" * 100_000, b'{"format": 1}'],
)
def test_garbage_is_refused_with_what_to_type(host: Host, data: bytes) -> None:
    write(host, data)
    with pytest.raises(InvalidState, match="evenkeel revert"):
        state.load(host)
    assert state.load_or_none(host) is None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(field=st.sampled_from([*asdict(PENDING), "format", "pending"]), value=JSON)
def test_whatever_stands_in_the_state_it_is_read_or_refused(host: Host, field: str, value: Any) -> None:
    document: dict[str, Any] = {"format": 1, "pending": asdict(PENDING)}
    (document if field in document else document["pending"])[field] = value
    write(host, json.dumps(document).encode())
    with contextlib.suppress(InvalidState):
        state.load(host)


@given(share=st.floats(0, 0.99))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_truncated_state_is_refused(host: Host, share: float) -> None:
    state.save(host, PENDING)
    whole = Path(host.paths.state).read_bytes().rstrip()
    write(host, whole[: int(len(whole) * share)])
    with pytest.raises(InvalidState):
        state.load(host)


def test_the_journal_tells_who_did_what(host: Host) -> None:
    journal.record(host, "live", "0123456789ab", Author("r1", "ann", "c0ffee"), "1 site changed")
    (event,) = journal.read(host, 5)
    assert (event["event"], event["actor"], event["commit"]) == ("live", "ann", "c0ffee")


def test_a_line_that_a_crash_cut_short_costs_no_other_line(host: Host) -> None:
    journal.record(host, "armed", "0123456789ab", Author())
    with Path(host.paths.journal).open("ab") as stream:
        stream.write(b'{"at": "2027-01-1')
    journal.record(host, "reverted", "0123456789ab", Author())
    assert [event["event"] for event in journal.read(host, 5)] == ["armed", "reverted"]


@pytest.mark.parametrize("junk", [b"\xff\xfe\n", b"[]\n", b"5\n", b"\n", b"[" * 100_000 + b"\n"])
def test_junk_in_the_journal_is_skipped(host: Host, junk: bytes) -> None:
    Path(host.paths.journal).write_bytes(junk)
    journal.record(host, "live", "0123456789ab", Author())
    assert [event["event"] for event in journal.read(host, 5)] == ["live"]


def test_a_journal_that_cannot_be_written_does_not_stop_a_revert(host: Host) -> None:
    Path(host.paths.journal).mkdir()
    journal.try_record(host, "reverted", "0123456789ab", Author())
