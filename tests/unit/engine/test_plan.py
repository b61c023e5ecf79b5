"""What a change touches decides what is proved and what is reloaded: not less, and not the whole fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plugins.module_utils.evenkeel.plan import Change, plan
from plugins.module_utils.evenkeel.release import Release
from plugins.module_utils.evenkeel.services import givers_first
from tests.unit.engine.builders import Draft, dedicated, probe, shared


def base() -> Draft:
    draft = Draft().site("blog", shared("blog")).site("shop", dedicated("shop")).site("docs")
    draft.pool_file("php/8.2/php-fpm.conf", b"[global]\n")
    return draft.settings("blog", "config.php", b"<?php // 1\n").settings("shop", "config.php", b"<?php // 1\n")


def release(draft: Draft) -> Release:
    return Release(draft.id, "", draft.manifest, draft.probes)


def change(candidate: Draft, live: Draft | None = None) -> Change:
    return plan(release(live or base()), release(candidate))


def test_the_same_release_touches_nothing() -> None:
    found = change(base())
    assert found.empty
    assert (found.touched, found.php_versions, found.dedicated) == ((), (), ())
    assert found.summary() == "nothing changes"


def test_a_vhost_touches_its_site_and_no_php() -> None:
    found = change(base().file("blog", "apache2/sites/blog.conf", b"# new\n"))
    assert found.changed == found.touched == ("blog",)
    assert (found.php_versions, found.dedicated, found.twin_pools) == ((), (), ())


def test_a_settings_file_reloads_the_shared_master_because_php_remembers_paths() -> None:
    found = change(base().settings("blog", "config.php", b"<?php // 2\n"))
    assert found.touched == found.twin_pools == ("blog",)
    assert found.php_versions == ("8.2",)
    assert found.dedicated == ()


def test_a_settings_file_that_php_may_not_read_any_more_is_another_file() -> None:
    live, wanted = release(base()), release(base())
    path = "settings/blog/config.php"
    files = {**wanted.manifest.files, path: replace(wanted.manifest.files[path], mode="0600")}
    found = plan(live, replace(wanted, manifest=replace(wanted.manifest, files=files)))
    assert found.twin_pools == ("blog",)
    assert found.php_versions == ("8.2",)


def test_a_dedicated_site_reloads_its_own_master_only() -> None:
    found = change(base().settings("shop", "config.php", b"<?php // 2\n"))
    assert found.dedicated == found.touched == ("shop",)
    assert found.php_versions == ()


def test_a_settings_file_of_a_static_site_reloads_no_php() -> None:
    found = change(base().settings("docs", "robots.txt", b"Disallow: /\n"))
    assert found.touched == ("docs",)
    assert (found.php_versions, found.dedicated, found.twin_pools) == ((), (), ())


def test_a_probe_alone_touches_its_site() -> None:
    candidate = base()
    candidate.probes["blog"] = [probe("front page", expect={"status": [200], "contains": ["hello"]})]
    assert change(candidate).touched == ("blog",)


def test_facts_alone_touch_their_site() -> None:
    candidate = base()
    candidate.sites["docs"]["aliases"] = ["www.docs.example"]
    assert change(candidate).touched == ("docs",)


def test_a_file_of_the_pool_touches_every_site() -> None:
    assert change(base().pool_file("apache2/apache2.conf", b"# new\n")).touched == ("blog", "docs", "shop")


def test_users_folders_and_rotation_answer_no_request() -> None:
    candidate = base().pool_file("sysusers.d/evenkeel.conf", b"u x\n").pool_file("logrotate.d/evenkeel", b"# x\n")
    found = change(candidate)
    assert found.touched == ()
    assert not found.empty


def test_the_shared_master_s_own_file_runs_all_its_pools_in_the_twin() -> None:
    found = change(base().pool_file("php/8.2/php-fpm.conf", b"[global]\nlog_limit = 1\n"))
    assert found.php_versions == ("8.2",)
    assert "blog" in found.twin_pools


def test_a_new_and_a_removed_site_are_told_apart() -> None:
    live, candidate = Draft().site("docs").site("old", shared("old")), Draft().site("docs").site("new", shared("new"))
    found = change(candidate, live)
    assert (found.added, found.removed, found.touched) == (("new",), ("old",), ("new",))
    assert found.php_versions == ("8.2",)
    assert found.summary() == "1 site added (new); 1 site removed (old)"


def order(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    live = Draft(["8.2", "8.4"]).site("blog", old)
    candidate = Draft(["8.2", "8.4"]).site("blog", new)
    found = plan(release(live), release(candidate))
    return givers_first(live.manifest, candidate.manifest, found.php_versions)


def test_a_master_lets_a_site_go_before_another_takes_its_socket() -> None:
    assert order(shared("blog", "8.2"), shared("blog", "8.4")) == ["8.2", "8.4"]
    assert order(shared("blog", "8.4"), shared("blog", "8.2")) == ["8.4", "8.2"]
