"""The engine as one file: the same sources give the same bytes, and the file runs by itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from plugins.module_utils.evenkeel import archive, cli
from plugins.module_utils.evenkeel.host import Host

REBUILD = """
import sys
sys.path.insert(0, sys.argv[1])
from evenkeel import archive, cli
sys.stdout.buffer.write(archive.build(cli.main))
"""


def test_the_same_sources_give_the_same_bytes() -> None:
    assert archive.build(cli.main) == archive.build(cli.main)


def test_the_archive_runs_with_nothing_but_python(tmp_path: Path) -> None:
    path = tmp_path / "evenkeel"
    path.write_bytes(archive.build(cli.main))
    said = run(path, "--help", folder=tmp_path)
    assert said.returncode == 0
    assert "status" in said.stdout
    assert run(path, "nonsense", folder=tmp_path).returncode == 2


def test_the_archive_rebuilds_itself_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "evenkeel"
    path.write_bytes(archive.build(cli.main))
    again = subprocess.run(["/usr/bin/python3", "-I", "-c", REBUILD, str(path)], capture_output=True, check=True)
    assert again.stdout == path.read_bytes()


def test_an_equal_engine_is_not_written_again(host: Host) -> None:
    os.makedirs(os.path.dirname(host.paths.command))
    assert archive.install(host, b"engine")
    assert not archive.install(host, b"engine")
    assert archive.install(host, b"newer")
    assert archive.installed(host) == b"newer"


def test_what_a_killed_installation_left_goes_with_the_next(host: Host) -> None:
    os.makedirs(os.path.dirname(host.paths.command))
    dead, alive = (Path("%s.%s.new" % (host.paths.command, pid)) for pid in ("999999999", os.getppid()))
    dead.touch()
    alive.touch()
    archive.install(host, b"engine")
    assert not dead.exists()
    assert alive.exists()


def run(path: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["/usr/bin/python3", "-I", str(path), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
