"""Where files come from: what a source needs, what hosts are told, and that no release knows."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel_compiler.compile import compile_pool
from plugins.module_utils.evenkeel_compiler.content_facts import content_facts
from tests.unit.truth.conftest import POOL

GIT = {"source": "git", "repository": "https://git.example/a.git"}
TEMPLATES = ("roles/apache/templates", "roles/php_fpm/templates")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"source": "git"}, "content.repository"),
        ({"source": "archive", "url": "https://files.example/a.tgz"}, "content.sha256"),
        ({"repository": "https://git.example/a.git"}, "content.repository"),
        ({"source": "shared", "ref": "main"}, "content.ref"),
        ({**GIT, "sha256": "0" * 64}, "content.sha256"),
    ],
)
def test_a_source_has_what_it_needs_and_nothing_else(sites, content, field):
    sites.site("a", content=content)
    assert sites.fields() == [field]


def test_a_proxy_has_no_content(sites):
    sites.site("a", kind="proxy", proxy={"target": "http://app1:9000"}, content={})
    assert sites.fields() == ["content"]


def test_a_shared_file_system_holds_the_home(sites):
    sites.site("a", content={"source": "shared", "mount": "/srv/www"})
    sites.site("b", content={"source": "shared", "mount": "/srv/www/bx"})
    assert [(problem.file, problem.field) for problem in sites.problems()] == [("sites/b/site.yml", "content.mount")]


def test_hosts_are_told_all_that_is_not_empty(sites):
    sites.site("a", content={**GIT, "folder": "dist"})
    sites.site("b", content={"source": "shared", "fstype": "nfs4"})
    sites.site("c", kind="proxy", proxy={"target": "http://app1:9000"})
    sites.site("d", pool="other")
    sites.site("e", state="absent")
    told = content_facts(sites.load(), "web")
    assert told == {
        "a": {"user": "a", "home": "/srv/www/a", "document_root": "/srv/www/a/public", **GIT, "folder": "dist"},
        "b": {"user": "b", "home": "/srv/www/b", "document_root": "/srv/www/b/public", "source": "shared",
              "mount": "/srv/www/b", "fstype": "nfs4"},
    }  # fmt: skip


def test_another_source_is_no_other_release(tmp_path, sites, request):
    sites.site("a")
    folders = [request.config.rootpath / folder for folder in TEMPLATES]
    before = compile_pool(sites.load(), POOL, folders).id
    (sites.root / "a" / "site.yml").unlink()
    (sites.root / "a").rmdir()
    sites.site("a", content=GIT)
    assert compile_pool(sites.load(), POOL, folders).id == before
