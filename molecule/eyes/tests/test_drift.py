"""Somebody edits a balancer by hand: it is shown as a diff, and runs end with an error until it is put right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hosts.bed import Box, Failed
from tests.hosts.eyes import play

BALANCER = Box("e-edge1")
RELEASE, ENTRY = "/etc/evenkeel/current/haproxy/haproxy.cfg", "/etc/default/haproxy"


@pytest.fixture
def edited() -> Iterator[None]:
    """A file of the release, and the one by which HAProxy finds it."""
    BALANCER.run("cp", "--archive", RELEASE, ENTRY, "/root")
    try:
        BALANCER.run("sed", "-i", "$a # by hand", RELEASE)
        BALANCER.run("sed", "-i", "s/^EXTRAOPTS=.*/EXTRAOPTS=by-hand/", ENTRY)
        yield
    finally:
        BALANCER.run("cp", "--archive", "/root/haproxy.cfg", RELEASE)
        BALANCER.run("cp", "--archive", "/root/haproxy", ENTRY)


def test_what_somebody_edited_on_a_balancer_is_shown_and_no_run_ends_well(edited: None) -> None:
    with pytest.raises(Failed, match="exit status 1") as told:
        BALANCER.run("evenkeel", "drift", "--json")
    assert '"path": "haproxy/haproxy.cfg"' in str(told.value)
    with pytest.raises(Failed, match="exit status 2") as shown:
        play("drift.yml", "--limit", BALANCER.name)
    assert "changed: haproxy/haproxy.cfg" in str(shown.value)
    assert "+EXTRAOPTS=" in str(shown.value)


def test_what_was_put_back_is_no_drift() -> None:
    assert "Nothing differs" in BALANCER.run("evenkeel", "drift")
