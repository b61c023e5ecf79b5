"""The engine imports what a request needs, and all of it before it does anything: its file may be replaced while it runs."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import plugins.module_utils.evenkeel as engine
from plugins.module_utils.evenkeel import archive, cli

FOLDER = Path(engine.__path__[0])
DECIDE = {
    "archive",
    "cli",
    "provers",
    "request",
    "tiers",
    "twin_main",
}  # modules that import inside of functions, and do so first
MODULES = ("release", "release_info", "drift_info", "balancer_step", "haproxy_server")
LISTED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from evenkeel import request
from evenkeel.host import Host
from evenkeel.paths import Paths
from evenkeel.%s import %s as Kind
Kind(Host(Paths(sys.argv[2])))
print(json.dumps(sorted(name.partition(".")[2] for name in sys.modules if name.startswith("evenkeel."))))
"""
OF_PROOFS = {"prove", "edge_prove", "twin", "payload", "drift_look"}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("engine") / "evenkeel"
    path.write_bytes(archive.build(archive.sources(cli)))
    return path


def test_every_module_is_imported_by_some_other() -> None:
    """Ansible packs what is imported anywhere: one that is not would be missing in the engine that a module brings."""
    found: set[str] = set()
    waiting = [name for module in MODULES for name in _named_by(FOLDER.parents[1] / "modules" / f"{module}.py")]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _named_by(FOLDER / f"{name}.py")
    assert found == {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}


def test_few_modules_import_later_than_at_their_top() -> None:
    late = {path.stem for path in FOLDER.glob("*.py") if any(map(_imports, _functions(path)))}
    assert late == DECIDE


@pytest.mark.parametrize(
    ("stamp", "others"),
    [("apache2/release.conf", {"edge_tier", "edge_prove", "haproxy"}), ("haproxy/release.cfg", {"web_tier", "prove", "beside"})],
)
def test_a_host_imports_its_own_tier_alone(command: Path, tmp_path: Path, stamp: str, others: set[str]) -> None:
    _live(tmp_path, stamp)
    assert not _imported(command, tmp_path, "engine", "Engine") & others


def test_a_host_without_a_release_imports_both_tiers(command: Path, tmp_path: Path) -> None:
    assert _imported(command, tmp_path, "engine", "Engine") >= {"web_tier", "edge_tier", "prove", "edge_prove"}


def test_what_follows_a_proof_imports_nothing_of_proofs(command: Path, tmp_path: Path) -> None:
    _live(tmp_path, "apache2/release.conf")
    assert not _imported(command, tmp_path, "publisher", "Publisher") & OF_PROOFS


def _live(root: Path, stamp: str) -> None:
    path = root / "etc/evenkeel/current" / stamp
    path.parent.mkdir(parents=True)
    path.touch()


def _imported(command: Path, root: Path, module: str, kind: str) -> set[str]:
    asked = ["/usr/bin/python3", "-I", "-c", LISTED % (module, kind), str(command), str(root)]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    return set(json.loads(said.stdout))


def _functions(path: Path) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _imports(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.walk(function))


def _named_by(path: Path) -> Iterator[str]:
    """Modules of the engine that the file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        module = (node.module or "").removeprefix("module_utils.evenkeel")
        if path.parent != FOLDER and module == node.module:
            continue  # of another package
        yield from [module.lstrip(".").partition(".")[0]] if module else [alias.name for alias in node.names]
