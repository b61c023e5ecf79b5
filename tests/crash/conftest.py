"""A host of its own for the crashes, set up by the project's own playbook."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash import truth
from tests.hosts import bed
from tests.hosts.bed import Box

LAB = "/root/lab"
POOL = {"evenkeel_pool": {"name": "web"}}


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A host that serves the old version of three sites, with payloads of all versions and the scripts that break it."""
    folder = tmp_path_factory.mktemp("crash")
    box = bed.up("c-crash")
    try:
        provision(box, folder)
        copy_lab(box, folder)
        yield box
    finally:
        if not os.environ.get("EVENKEEL_KEEP"):
            bed.down(box.name)


def provision(box: Box, folder: Path) -> None:
    """Content first, as its owners would have brought it; then the roles and the first push."""
    for site, (name, content) in truth.PAGES.items():
        box.copy({name: content.encode()}, "/srv/www/%s/public" % site)
    truth.write_sites(truth.OLD, folder / "inventory" / "sites")
    bed.play("site.yml", bed.write_inventory(folder / "inventory", [box.name], POOL))


def copy_lab(box: Box, folder: Path) -> None:
    files = lab_files()
    releases = {}
    for version in (truth.OLD, truth.NEW, truth.SHARED):
        release, payload = truth.compile_version(version, folder / "truth")
        files[version.name + ".tar.gz"] = payload.read_bytes()
        releases[version.name] = [release, "%s/%s.tar.gz" % (LAB, version.name)]
    files["releases.json"] = json.dumps(releases).encode()
    box.copy(files, LAB)


def lab_files() -> dict[str, bytes]:
    """The scripts that break a host."""
    return {path.name: path.read_bytes() for path in (Path(__file__).parent / "lab").glob("*.py")}


def break_every(box: Box, phase: str, how: str, program: str = "rounds.py") -> dict[str, Any]:
    """The report of rounds.py, or of the one for balancers."""
    output = box.run("python3", f"{LAB}/{program}", LAB, phase, how, check=False)
    assert output.rstrip().endswith("}"), output
    report: dict[str, Any] = json.loads(output[output.index("{\n") :])
    return report
