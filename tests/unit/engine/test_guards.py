"""An invariant is only kept by what a test would miss: takes each guard out of a copy, and sees its test fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.engine.guards import GUARDS, Guard

PROJECT = Path(__file__).parents[3]
TREE = (
    "plugins",
    "roles",
    "schemas",
    "tests/unit/engine",
    "tests/unit/engine_prove",
    "tests/unit/edge",
    "tests/unit/controller",
    "tests/templates",
)
INVARIANTS = 11


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code and its tests, to be damaged."""
    tree = tmp_path_factory.mktemp("copy")
    for folder in TREE:
        shutil.copytree(PROJECT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tree)
    return tree


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: "%d-%s" % (guard.invariant, guard.test.split("::")[1][5:]))
def test_without_its_guard_an_invariant_s_test_fails(copy: Path, guard: Guard) -> None:
    if os.geteuid() != 0 and "test_links" in guard.test:
        pytest.skip("gives files to users, as the engine does")
    whole = (copy / guard.file).read_text()
    assert whole.count(guard.code) == 1, "%s does not hold the guard any more: mend guards.py" % guard.file
    (copy / guard.file).write_text(whole.replace(guard.code, guard.gap))
    try:
        done = run(copy, guard.test)
    finally:
        (copy / guard.file).write_text(whole)
    assert done.returncode == 1, done.stdout[-3000:]
    assert re.search(r"\d+ failed", done.stdout), done.stdout[-3000:]


def test_every_invariant_has_a_guard_and_a_place_in_the_document() -> None:
    assert {guard.invariant for guard in GUARDS} == set(range(1, INVARIANTS + 1))
    text = (PROJECT / "docs/invariants.md").read_text()
    for guard in GUARDS:
        assert guard.test.split("::")[1] in text, "docs/invariants.md does not name %s" % guard.test


def run(tree: Path, test: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    return subprocess.run(
        command,
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
