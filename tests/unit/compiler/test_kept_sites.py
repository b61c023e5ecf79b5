"""What is kept of the sites saves work and changes nothing: not a byte of a release, not a word of a complaint."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_compiler import site_file
from plugins.module_utils.evenkeel_compiler import truth as truths
from plugins.module_utils.evenkeel_compiler.build import Order, build, template_dirs
from plugins.module_utils.evenkeel_compiler.errors import TruthInvalid
from plugins.module_utils.evenkeel_compiler.model import Pool
from tests.templates.builders import PROJECT

HASH = "$2y$10$abcdefghijklmnopqrstuuZr4TQXp4yJ6vKQ0b6b2k1b1o3oYQh3G"
SITES = {
    "docs": "server_name: docs.example\nkind: static\naliases: [www.docs.example]\n",
    "blog": "server_name: blog.example\nkind: php\naccess: {basic_auth: {realm: In, users: {ann: {secret: login}}}}\n",
    "shop": "server_name: shop.example\nkind: proxy\nproxy: {target: 'http://192.0.2.9:8080'}\n",
    "away": "server_name: away.example\nkind: static\nstate: absent\n",
}
SECRETS = {"blog": {"login": HASH, "password": "correct-horse"}}
Change = Callable[[Order], Order]


@pytest.fixture
def order(tmp_path: Path) -> Order:
    for name, text in SITES.items():
        write(tmp_path / "sites", name, text)
    settings = tmp_path / "sites/blog/settings"
    settings.mkdir()
    (settings / "config.php.j2").write_text("<?php return '{{ secrets.password }} {{ pool.name }}';\n")
    (settings / "logo.bin").write_bytes(bytes(range(256)))
    shutil.copytree(PROJECT / "roles/apache/templates", tmp_path / "apache")
    dirs = (tmp_path / "apache", template_dirs(PROJECT)[1])
    return Order(PROJECT, "example", Pool("web"), tmp_path / "sites", tmp_path / "build", dirs, SECRETS)


def write(sites: Path, name: str, text: str) -> None:
    (sites / name).mkdir(parents=True, exist_ok=True)
    (sites / name / "site.yml").write_text(text)


def one_site(order: Order) -> Order:
    write(order.sites_dir, "docs", SITES["docs"] + "headers: {X-A: b}\n")
    return order


def one_more(order: Order) -> Order:
    write(order.sites_dir, "new", "server_name: new.example\nkind: static\n")
    return order


def one_less(order: Order) -> Order:
    shutil.rmtree(order.sites_dir / "docs")
    return order


def another_name(order: Order) -> Order:
    (order.sites_dir / "docs").rename(order.sites_dir / "manual")
    return order


def another_folder(order: Order) -> Order:
    return replace(order, sites_dir=order.sites_dir.rename(order.sites_dir.with_name("places")))


def a_setting(order: Order) -> Order:
    (order.sites_dir / "blog/settings/logo.bin").write_bytes(b"\xff\x00")
    return order


def a_setting_less(order: Order) -> Order:
    (order.sites_dir / "blog/settings/logo.bin").unlink()
    return order


def a_secret(order: Order) -> Order:
    return replace(order, secrets={"blog": {**SECRETS["blog"], "password": "battery-staple"}})


def the_pool(order: Order) -> Order:
    return replace(order, pool=Pool("web", php_version="8.3", balancers=("192.0.2.1",)))


def a_template(order: Order) -> Order:
    template = order.template_dirs[0] / "etc/evenkeel/current/apache2/sites/macros/names.conf.j2"
    template.write_text(template.read_text().replace("  ServerName", "  # who\n  ServerName"))
    return order


def nobody_is_away(order: Order) -> Order:
    write(order.sites_dir, "away", SITES["away"].replace("state: absent\n", ""))
    return order


CHANGES = [
    one_site, one_more, one_less, another_name, another_folder, a_setting, a_setting_less, a_secret, the_pool, a_template,
    nobody_is_away,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_the_release_is_what_it_would_be_with_nothing_kept(order: Order, change: Change) -> None:
    before = build(order)
    order = change(order)
    made = build(order)
    afresh = build(replace(order, build_dir=order.build_dir.with_name("other")))
    assert (made.id, made.payload.read_bytes()) == (afresh.id, afresh.payload.read_bytes())
    assert made.id != before.id


def test_only_what_changed_is_read_again(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    build(order)
    seen = reads(monkeypatch)
    build(one_site(order))
    assert seen == ["docs"]


def test_a_pool_that_changed_keeps_nothing(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    build(order)
    seen = reads(monkeypatch)
    build(the_pool(order))
    assert sorted(seen) == sorted(SITES)


def test_a_site_that_is_gone_is_forgotten(order: Order) -> None:
    build(order)
    build(one_less(order))
    assert b'"blog"' in kept(order).read_bytes() and b'"docs"' not in kept(order).read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data.replace(b"blog.example", b"evil.example"),
        lambda data: b"0" * 64 + b"\n{}",
    ],
)
def test_what_was_touched_is_not_trusted(order: Order, damage: Callable[[bytes], bytes]) -> None:
    build(order)
    kept(order).write_bytes(damage(kept(order).read_bytes()))
    made = build(one_site(order))
    assert made.id == build(replace(order, build_dir=order.build_dir.with_name("other"))).id


def test_a_clash_with_a_site_that_did_not_change_is_told_as_ever(order: Order) -> None:
    build(order)
    write(order.sites_dir, "new", "kind: static\nserver_name: www.docs.example\naliases: [blog.example]\nuser: shop\n")
    with pytest.raises(TruthInvalid) as told:
        build(order)
    with pytest.raises(TruthInvalid) as afresh:
        build(replace(order, build_dir=order.build_dir.with_name("other")))
    assert told.value.problems == afresh.value.problems and len(told.value.problems) == 3
    assert re.search(r"sites/docs/site\.yml:3\b", str(told.value))


def test_a_site_with_a_problem_has_it_until_it_is_mended(order: Order) -> None:
    build(order)
    write(order.sites_dir, "docs", SITES["docs"] + "kindd: static\n")
    for _ in range(2):
        with pytest.raises(TruthInvalid):
            build(order)
    write(order.sites_dir, "docs", SITES["docs"])
    assert not build(order).changed


def test_a_dry_run_uses_what_is_kept_and_leaves_it(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    build(order)
    before = kept(order).read_bytes()
    seen = reads(monkeypatch)
    build(one_site(order), dry=True)
    assert seen == ["docs"] and kept(order).read_bytes() == before


def kept(order: Order) -> Path:
    return order.build_dir / "example/web/sites.kept"


def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of sites whose files are parsed from now on."""
    seen: list[str] = []
    real = site_file.read

    def read(name: str, *rest: object) -> site_file.SiteFile:
        seen.append(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(truths.site_file, "read", read)
    return seen
