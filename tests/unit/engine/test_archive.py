"""The engine as one file: the same sources give the same version, and the file runs by itself, with bytecode or without."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import plugins.module_utils.evenkeel as engine
from plugins.module_utils.evenkeel import archive, cli
from plugins.module_utils.evenkeel.host import Host

AGAIN = """
import sys
sys.path.insert(0, sys.argv[1])
from evenkeel import archive, cli
print(archive.version(archive.sources(cli)))
"""
FIRST = {"__main__.py": b"raise SystemExit(1)"}
SECOND = {"__main__.py": b"raise SystemExit(2)"}


def test_the_checkout_knows_the_version_that_its_modules_bring() -> None:
    """Otherwise every call would bring the engine again: no file of the folder may be one that the engine does not need."""
    assert archive.sources_in(str(Path(engine.__path__[0]))) == archive.sources(cli)


def test_another_source_is_another_version() -> None:
    assert archive.version(FIRST) != archive.version(SECOND)


def test_the_archive_runs_with_nothing_but_python(tmp_path: Path) -> None:
    path = tmp_path / "evenkeel"
    path.write_bytes(archive.build(archive.sources(cli)))
    said = run(path, "--help", folder=tmp_path)
    assert said.returncode == 0
    assert "status" in said.stdout
    assert run(path, "nonsense", folder=tmp_path).returncode == 2


def test_bytecode_of_another_python_is_passed_over(tmp_path: Path) -> None:
    built = archive.build(FIRST)
    (tmp_path / "built").write_bytes(built)
    with zipfile.ZipFile(tmp_path / "built") as given, zipfile.ZipFile(tmp_path / "foreign", "w") as foreign:
        foreign.writestr("__main__.py", given.read("__main__.py"))
        foreign.writestr("__main__.pyc", b"\0" * 4 + given.read("__main__.pyc")[4:])
    assert run(tmp_path / "built", folder=tmp_path).returncode == 1
    assert run(tmp_path / "foreign", folder=tmp_path).returncode == 1


def test_the_archive_knows_its_own_version(tmp_path: Path) -> None:
    path = tmp_path / "evenkeel"
    path.write_bytes(archive.build(archive.sources(cli)))
    again = subprocess.run(["/usr/bin/python3", "-I", "-c", AGAIN, str(path)], capture_output=True, check=True, text=True)
    assert again.stdout.strip() == archive.version(archive.sources(cli))


def test_an_equal_engine_is_not_written_again(host: Host) -> None:
    os.makedirs(os.path.dirname(host.paths.command))
    assert archive.install(host, FIRST)
    assert not archive.install(host, FIRST)
    assert archive.install(host, SECOND)
    assert archive.installed(host) == archive.version(SECOND)


def test_an_engine_with_bytecode_of_another_python_is_written_again(host: Host) -> None:
    os.makedirs(os.path.dirname(host.paths.command))
    Path(host.paths.command).write_bytes(archive.build(FIRST)[:-8] + b"00000000")
    assert archive.installed(host) == archive.version(FIRST)
    assert archive.install(host, FIRST)


def test_what_a_killed_installation_left_goes_with_the_next(host: Host) -> None:
    os.makedirs(os.path.dirname(host.paths.command))
    dead, alive = (Path("%s.%s.new" % (host.paths.command, pid)) for pid in ("999999999", os.getppid()))
    dead.touch()
    alive.touch()
    archive.install(host, FIRST)
    assert not dead.exists()
    assert alive.exists()


def run(path: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["/usr/bin/python3", "-I", str(path), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
