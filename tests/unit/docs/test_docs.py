"""What the documentation names exists: commands, options, files, messages."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from plugins.module_utils.evenkeel import cli
from testbed import cli as testbed_cli
from tests.unit.docs import messages
from tests.unit.docs.messages import Message, normal
from tests.unit.docs.pages import PAGES, ROOT, anchors, code, commands, links, short

ON_CALL = ROOT / "docs" / "on_call.md"
OPERATOR = ROOT / "docs" / "operator.md"
PLAYBOOK = re.compile(r"\bplaybooks/(\w+)\.yml")
EXTRA = re.compile(r"(?<!\S)-e (\w+)=")

every_page = pytest.mark.parametrize("page", PAGES, ids=short)


def subcommands(parser: argparse.ArgumentParser) -> set[str]:
    [chosen] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return set(chosen.choices)


def said_by_a_lock(arguments: list[str]) -> bool:
    """`evenkeel prove (pid 1177, ...` names who holds the lock."""
    return arguments[1:2] == ["(pid"]


def extra_variables() -> set[str]:
    """What playbooks read although nobody but `-e` defines it: `x | default(...)`."""
    files = [*(ROOT / "playbooks").rglob("*.yml")]
    return set(re.findall(r"(?<![\w.])([a-z]\w*) \| default\(", "\n".join(map(Path.read_text, files))))


@every_page
def test_every_link_leads_somewhere(page):
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{short(page)} links to {target}"
        assert not anchor or anchor in anchors(file), f"{short(page)} links to {target}; there is {sorted(anchors(file))}"


@every_page
def test_every_make_target_exists(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for arguments in commands(page, "make"):
        assert set(arguments[:1]) <= targets, f"{short(page)}: make {arguments[0]}"


@every_page
def test_every_playbook_exists(page):
    named = {name for line in code(page) for name in PLAYBOOK.findall(line)}
    existing = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    assert named <= existing


@every_page
def test_every_command_of_the_engine_exists(page):
    known = subcommands(cli._parser())
    for arguments in commands(page, "evenkeel"):
        if arguments and not said_by_a_lock(arguments):
            assert arguments[0] in known or arguments[0].startswith("-"), f"{short(page)}: evenkeel {arguments[0]}"


@every_page
def test_every_command_of_the_test_bed_exists(page):
    known = subcommands(testbed_cli.parser())
    for arguments in commands(page, "testbed"):
        assert not arguments or arguments[0] in known or arguments[0].startswith("-"), f"{short(page)}: testbed {arguments[0]}"


@every_page
def test_every_extra_variable_is_read_by_a_playbook(page):
    named = {name for line in code(page) for name in EXTRA.findall(line)}
    assert named <= extra_variables()


def test_the_operator_learns_of_every_extra_variable():
    playbooks = "push|rollback|status|drift|drill|content_origin|failover|page_test|record|incident"
    row = re.compile(rf"^\| `(\w+)` \| (?:{playbooks})", re.MULTILINE)
    told = set(row.findall(OPERATOR.read_text()))
    given = {name for name in extra_variables() if not name.startswith(("rollout_", "evenkeel_", "awx_"))}
    assert told == given


def test_the_readme_shows_a_site_file_of_the_example():
    site = (ROOT / "inventories/example/sites/shop/site.yml").read_text()
    assert f"```yaml\n{site}```" in (ROOT / "README.md").read_text()


def test_every_page_is_on_the_map():
    told = {(ROOT / "docs" / target).resolve() for target in links(ROOT / "docs" / "index.md")}
    missing = {short(page) for page in PAGES if page.parent.name == "docs" and page.name != "index.md" and page not in told}
    assert not missing, f"Give {', '.join(sorted(missing))} a line in docs/index.md, for the reader it is for."


def documented(message: Message) -> bool:
    return message.telling in normal(ON_CALL.read_text())


@pytest.mark.parametrize("message", [each for each in messages.raised() if each.telling], ids=lambda each: each.place)
def test_every_message_of_the_engine_is_explained(message):
    assert documented(message), f"docs/on_call.md does not say what to do about: {message.text!r} ({message.place})"


def advice() -> Iterator[str]:
    """What `evenkeel status` ends with."""
    source = (ROOT / "plugins/module_utils/evenkeel/status.py").read_text()
    yield from re.findall(r'return "([A-Z][^"]*\.)"', source)


def test_every_advice_of_status_is_explained():
    page = normal(ON_CALL.read_text())
    assert [text for text in advice() if normal(text) not in page] == []


def role_refusals() -> Iterator[str]:
    for file in (ROOT / "roles").glob("*/tasks/preflight.yml"):
        for task in yaml.safe_load(file.read_text()):
            if "ansible.builtin.assert" in task:
                yield task["ansible.builtin.assert"]["fail_msg"]


@pytest.mark.parametrize("text", list(role_refusals()))
def test_every_refusal_of_a_role_is_explained(text):
    telling = max((normal(part) for part in re.split(r"\{\{.*?\}\}", text)), key=len)
    assert telling.rpartition(". ")[2] in normal(ON_CALL.read_text())


def test_every_outcome_is_explained_where_people_look():
    words = (ROOT / "plugins/plugin_utils/rollout_words.py").read_text()
    outcomes = set(re.findall(r'^        "(\w+)": _\w+,$', words, re.MULTILINE))
    assert outcomes >= {"published", "rejected"}
    for page in (ON_CALL, OPERATOR):
        assert outcomes <= set(re.findall(r"^\| `(\w+)` \|", page.read_text(), re.MULTILINE)), short(page)
