"""Every scenario of Molecule, as one test each, on hosts that all of them share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.hosts.bed import PROJECT

pytestmark = pytest.mark.hosts
SHARED = "default"  # the scenario that starts and stops the hosts, nothing else
STATE = PROJECT / "build" / "molecule" / (os.environ.get("EVENKEEL_BED") or "main")
SCENARIOS = sorted(path.parent.name for path in (PROJECT / "molecule").glob("*/molecule.yml"))


@pytest.fixture(scope="session")
def shared_hosts() -> Iterator[None]:
    shutil.rmtree(STATE, ignore_errors=True)  # it may speak of hosts that an earlier checkout of this name had
    try:
        yield
    finally:
        molecule("destroy", "--scenario-name", SHARED)


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != SHARED])
def test_scenario(shared_hosts: None, scenario: str) -> None:
    done = molecule("test", "--scenario-name", scenario, "--destroy", "never")
    assert done.returncode == 0, done.stdout[-12000:]


def molecule(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = "%s:%s" % (PROJECT / ".venv" / "bin", os.environ["PATH"])
    plain = {"NO_COLOR": "1", "ANSIBLE_FORCE_COLOR": "false"}
    return subprocess.run(
        ["molecule", *arguments],
        cwd=PROJECT,
        env={**os.environ, "PATH": path, "MOLECULE_EPHEMERAL_DIRECTORY": str(STATE), **plain},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
