"""The house rules of roles, kept by the roles themselves."""

from __future__ import annotations

import re

import pytest

from .project import ROLES, ROOT, TASK_FILES, load, short, spec, tasks
from .role_readme import render

every_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
every_task_file = pytest.mark.parametrize("path", TASK_FILES, ids=short)


@every_role
def test_the_spec_and_the_defaults_say_the_same(role):
    options = spec(role)["main"]["options"]
    declared = {name: option["default"] for name, option in options.items() if not option.get("required")}
    assert declared == load(role / "defaults" / "main.yml")


@every_role
def test_every_entry_point_has_a_spec(role):
    for name in spec(role):
        assert (role / "tasks" / f"{name}.yml").is_file()


@every_role
def test_every_default_has_a_comment_that_says_its_effect(role):
    lines = (role / "defaults" / "main.yml").read_text(encoding="utf-8").splitlines()
    bare = [line for before, line in zip(["", *lines], lines, strict=False) if re.match("[a-z]", line) and before[:1] != "#"]
    assert not bare


@every_role
def test_variables_carry_the_prefix_of_their_role(role):
    for name in spec(role)["main"]["options"]:
        assert name.startswith(role.name + "_")
    internal = role / "vars" / "main.yml"
    for name in load(internal) if internal.is_file() else ():
        assert name.startswith(f"__{role.name}_")


@every_role
def test_registered_variables_carry_the_prefix_too(role):
    for path in (role / "tasks").glob("*.yml"):
        for task in tasks(path):
            assert task.get("register", role.name + "_").startswith(role.name + "_")


@every_role
def test_main_is_a_table_of_contents(role):
    for task in tasks(role / "tasks" / "main.yml"):
        assert set(task) == {"name", "ansible.builtin.import_tasks"}


@every_role
def test_preflight_changes_nothing(role):
    allowed = {"ansible.builtin.assert", "ansible.builtin.find", "ansible.builtin.stat"}
    for task in tasks(role / "tasks" / "preflight.yml"):
        assert allowed & set(task), task["name"]


@every_role
def test_handlers_reload_and_never_restart(role):
    path = role / "handlers" / "main.yml"
    for task in tasks(path) if path.is_file() else ():
        assert task["ansible.builtin.systemd_service"]["state"] == "reloaded"


@every_role
def test_a_role_takes_data_and_knows_no_groups(role):
    for path in [*role.glob("tasks/*.yml"), *role.glob("defaults/*.yml"), *role.glob("vars/*.yml")]:
        assert not re.search(r"\bgroups\b|\bhostvars\b", path.read_text(encoding="utf-8")), path


@every_role
def test_the_readme_is_the_spec(role):
    assert (role / "README.md").read_text(encoding="utf-8") == render(role), "run: python -m tests.layout.role_readme"


@every_task_file
def test_task_names_have_the_stem_of_their_file(path):
    for task in tasks(path):
        pattern = r"[A-Z]" if path.stem == "main" else re.escape(path.stem) + r" \| [A-Z]"
        assert re.match(pattern, task["name"]), task["name"]


@every_task_file
def test_no_task_runs_a_command_or_loops_over_sites(path):
    for task in tasks(path):
        assert not {"ansible.builtin.command", "ansible.builtin.shell", "ansible.builtin.raw"} & set(task), task["name"]
        assert "site" not in str(task.get("loop", "")), task["name"]


def test_nothing_is_left_of_a_task_file_that_nobody_imports():
    text = "".join(
        path.read_text(encoding="utf-8") for path in [*ROOT.glob("playbooks/**/*.yml"), *ROOT.glob("roles/*/tasks/*.yml")]
    )
    for path in TASK_FILES:
        assert path.stem == "main" or path.name in text or f"tasks_from: {path.stem}" in text, short(path)
