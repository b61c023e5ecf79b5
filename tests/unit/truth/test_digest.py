"""The digest changes with whatever a release is made of, and with nothing else."""

from __future__ import annotations

import shutil

import pytest

from plugins.module_utils.evenkeel_compiler.truth import digest


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "one"
    (root / "sites" / "a" / "settings").mkdir(parents=True)
    (root / "sites" / "a" / "site.yml").write_text("kind: static\n")
    (root / "sites" / "a" / "settings" / "x").write_text("x")
    return root


FACTS = {"pool": {"name": "web"}, "secrets": {"a": {"key": "x"}}}


def test_a_copy_elsewhere_has_the_same_digest(tree, tmp_path):
    shutil.copytree(tree, tmp_path / "two")
    assert digest([tree], FACTS) == digest([tmp_path / "two"], FACTS)


CHANGES = {
    "a byte": lambda root: (root / "sites/a/settings/x").write_text("y"),
    "a new file": lambda root: (root / "sites/a/settings/y").write_text(""),
    "a file less": lambda root: (root / "sites/a/settings/x").unlink(),
    "a new name": lambda root: (root / "sites/a/settings/x").rename(root / "sites/a/settings/z"),
    "a link in its place": lambda root: (
        (root / "sites/a/settings/x").unlink(),
        (root / "sites/a/settings/x").symlink_to("x"),
    ),
    "bytes that move to the next file": lambda root: (
        (root / "sites/a/settings/x").write_text(""),
        (root / "sites/a/site.yml").write_text("kind: static\nx"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_a_file_shows(tree, change):
    before = digest([tree], FACTS)
    CHANGES[change](tree)
    assert digest([tree], FACTS) != before


def test_every_change_of_a_fact_shows(tree):
    other = {**FACTS, "secrets": {"a": {"key": "y"}}}
    assert digest([tree], FACTS) != digest([tree], other)


def test_compiled_python_does_not_count(tree):
    before = digest([tree], FACTS)
    (tree / "__pycache__").mkdir()
    (tree / "__pycache__" / "x.pyc").write_text("x")
    assert digest([tree], FACTS) == before


def test_single_files_are_roots_too(tree):
    assert digest([tree / "sites/a/site.yml"], {}) != digest([tree / "sites/a/settings/x"], {})
