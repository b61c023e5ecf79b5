"""Programs travel as one file, which needs nothing of the checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plugins.plugin_utils.program import pack
from tests.layout.project import ROOT

PACKAGES = ROOT / "plugins" / "module_utils"
PROGRAMS = [("evenkeel_content", "cli"), ("evenkeel_watch", "cli"), ("evenkeel_record", "incident_command")]
NEEDED = [
    ("evenkeel_record", "from evenkeel_record.incident_command import main"),
    ("evenkeel_watch", "from evenkeel_watch.page_html import Printer; Printer()"),
    ("evenkeel_record", "from evenkeel_record import incident_page as it; it.environment().get_template('incident.md.j2')"),
    ("evenkeel_record", "from evenkeel_record import page; page.environment().get_template('incident.html.j2'); page.style()"),
]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("package, module", PROGRAMS)
def test_a_program_is_the_same_bytes_each_time(package: str, module: str) -> None:
    assert pack(PACKAGES / package, module) == pack(PACKAGES / package, module)


@pytest.mark.parametrize("package", ["evenkeel_content", "evenkeel_watch"])
def test_a_program_runs_away_from_the_checkout(tmp_path: Path, package: str) -> None:
    (tmp_path / "program").write_bytes(pack(PACKAGES / package))
    done = run("program", "--help", cwd=tmp_path)
    assert (done.returncode, done.stdout[:6]) == (0, "usage:"), done.stderr


@pytest.mark.parametrize("package, code", NEEDED)
def test_what_it_needs_comes_with_it_templates_too(tmp_path: Path, package: str, code: str) -> None:
    module = next(module for name, module in PROGRAMS if name == package)
    (tmp_path / "program").write_bytes(pack(PACKAGES / package, module))
    done = run("-c", f"import sys; sys.path.insert(0, 'program'); {code}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_folder_that_is_no_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no program"):
        pack(PACKAGES / "evenkeel_drill")
