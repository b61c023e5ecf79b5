"""Builds on the controller: whole or not there, private, and not made twice."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel.payload import Payload
from plugins.module_utils.evenkeel_compiler import build as building
from plugins.module_utils.evenkeel_compiler import build_store, file_bytes
from plugins.module_utils.evenkeel_compiler.build import Order, build, template_dirs
from plugins.module_utils.evenkeel_compiler.errors import TruthInvalid
from plugins.module_utils.evenkeel_compiler.model import Pool
from tests.templates.builders import PROJECT

SITE = "server_name: {name}.example\nkind: static\n"
PHP = "server_name: {name}.example\nkind: php\n"


@pytest.fixture
def order(tmp_path: Path) -> Order:
    sites = tmp_path / "sites"
    write(sites, "docs", SITE)
    write(sites, "blog", PHP)
    (sites / "blog/settings").mkdir()
    (sites / "blog/settings/config.php.j2").write_text("<?php return '{{ secrets.password }}';\n")
    secrets = {"blog": {"password": "correct-horse"}}
    return Order(PROJECT, "example", Pool("web"), sites, tmp_path / "build", template_dirs(PROJECT), secrets)


def write(sites: Path, name: str, text: str) -> None:
    (sites / name).mkdir(parents=True, exist_ok=True)
    (sites / name / "site.yml").write_text(text.format(name=name))


def test_a_build_is_a_release_that_the_host_accepts(order: Order) -> None:
    made = build(order)
    assert made.changed and made.sites == 2 and made.path == order.build_dir / "example/web" / made.id
    payload = Payload(str(made.payload))
    assert payload.manifest.id == made.id
    for path, content in payload.files():
        assert (made.path / path).read_bytes() == content


def test_an_unchanged_truth_is_not_compiled_again(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(order)
    monkeypatch.setattr(building, "compile_pool", None)
    again = build(order)
    assert (again.id, again.payload, again.sites, again.changed) == (first.id, first.payload, 2, False)
    assert again.php_versions == first.php_versions == ("8.2",)
    assert not again.sites_added and not again.diff


def test_a_build_says_what_differs_from_the_one_before(order: Order) -> None:
    assert build(order).sites_added == ("blog", "docs")
    write(order.sites_dir, "docs", SITE + "headers: {{X-A: b}}\n")
    write(order.sites_dir, "shop", SITE)
    made = build(order)
    assert made.changed and (made.sites_added, made.sites_changed, made.sites_removed) == (("shop",), ("docs",), ())
    assert '+  Header always set X-A "b"' in made.diff


def test_a_changed_secret_is_a_change_but_is_not_shown(order: Order) -> None:
    before = build(order)
    made = build(replace(order, secrets={"blog": {"password": "battery-staple"}}))
    assert made.id != before.id and made.sites_changed == ("blog",)
    assert "battery-staple" not in made.diff and "correct-horse" not in made.diff


def test_a_dry_run_writes_nothing(order: Order) -> None:
    made = build(order, dry=True)
    assert made.changed and not order.build_dir.exists()
    assert build(order).id == made.id


def test_nobody_else_can_read_a_build(order: Order) -> None:
    made = build(order)
    assert (made.path.stat().st_mode & 0o077, made.path.parent.stat().st_mode & 0o077) == (0, 0)
    assert not [path for path in made.path.parent.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]


def test_going_back_is_a_change_and_finds_the_old_build(order: Order) -> None:
    first = build(order)
    write(order.sites_dir, "shop", SITE)
    build(order)
    (order.sites_dir / "shop/site.yml").unlink()
    (order.sites_dir / "shop").rmdir()
    back = build(order)
    assert back.changed and back.id == first.id and back.sites_removed == ("shop",)


def test_a_wrong_truth_builds_nothing(order: Order) -> None:
    write(order.sites_dir, "bad", "server_name: Bad\nkind: static\n")
    with pytest.raises(TruthInvalid):
        build(order)
    assert not order.build_dir.exists()


def test_what_did_not_change_is_one_file_with_the_build_before(order: Order) -> None:
    first = build(order)
    write(order.sites_dir, "docs", SITE + "headers: {{X-A: b}}\n")
    second = build(order)
    same, other = "apache2/sites/blog.conf", "apache2/sites/docs.conf"
    assert (first.path / same).samefile(second.path / same) and not (first.path / other).samefile(second.path / other)
    assert Payload(str(second.payload)).manifest.id == second.id


def test_an_edited_build_spoils_no_later_one(order: Order) -> None:
    first = build(order)
    good = (first.path / "apache2/sites/blog.conf").read_bytes()
    (first.path / "apache2/sites/blog.conf").write_text("mine\n")
    (first.path / "php/8.2/pool.d/blog.conf").unlink()
    write(order.sites_dir, "docs", SITE + "headers: {{X-A: b}}\n")
    second = build(order)
    assert (second.path / "apache2/sites/blog.conf").read_bytes() == good
    assert (second.path / "php/8.2/pool.d/blog.conf").is_file()


def test_a_killed_build_leaves_the_old_one(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(order)
    write(order.sites_dir, "shop", SITE)
    real, written = file_bytes.write, []

    def dies_at_the_third(path: str, content: bytes) -> None:
        written.append(path)
        if len(written) == 3:
            raise KeyboardInterrupt
        real(path, content)

    monkeypatch.setattr(file_bytes, "write", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        build(order)
    monkeypatch.undo()
    assert sorted(entry.name for entry in first.path.parent.iterdir()) == sorted([first.id, "latest.json", "sites.kept"])
    assert build(order).sites_added == ("shop",)


@pytest.mark.parametrize("damage", ["", "{}", '{"id": "../../x", "inputs": "", "sites": 1}', "[]"])
def test_a_damaged_note_only_costs_a_compilation(order: Order, damage: str) -> None:
    first = build(order)
    (first.path.parent / "latest.json").write_text(damage)
    assert build(order).id == first.id


def test_old_builds_go(order: Order) -> None:
    for number in range(build_store.KEPT + 3):
        write(order.sites_dir, "docs", SITE + f"headers: {{{{X-A: b{number}}}}}\n")
        newest = build(order)
        os.utime(newest.path, ns=(number, number))
    kept = [entry for entry in newest.path.parent.iterdir() if entry.is_dir()]
    assert newest.path in kept and len(kept) == build_store.KEPT
