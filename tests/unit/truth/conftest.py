"""A folder of sites, written by a test and loaded like the real one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel_compiler import truth
from plugins.module_utils.evenkeel_compiler.errors import Problem, TruthInvalid
from plugins.module_utils.evenkeel_compiler.model import Pool

Write = Callable[..., Path]
POOL = Pool(name="web")


class Sites:
    """`site` writes one, `load` loads all, `problems` says what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.secrets: dict[str, Any] = {}
        root.mkdir()

    def site(self, name: str, text: str | bytes = "", settings: dict[str, str | bytes] | None = None, **fields: Any) -> Path:
        """A static site `<name>.example`, changed by `fields`; or exactly `text`."""
        folder = self.root / name
        folder.mkdir()
        values = {"server_name": f"{name}.example", "kind": "static", **fields}
        _write(folder / "site.yml", text or json.dumps({key: value for key, value in values.items() if value is not None}))
        for path, content in (settings or {}).items():
            _write(folder / "settings" / path, content)
        return folder

    def load(self) -> truth.Truth:
        return truth.load(self.root, POOL, self.secrets)

    def problems(self) -> tuple[Problem, ...]:
        try:
            self.load()
        except TruthInvalid as invalid:
            return invalid.problems
        return ()

    def fields(self) -> list[str]:
        """The fields that something is wrong with."""
        return [problem.field for problem in self.problems()]


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def sites(tmp_path: Path) -> Sites:
    return Sites(tmp_path / "sites")
