"""A release is the same bytes on any machine, and says what it holds."""

from __future__ import annotations

import io
import json
import random
import tarfile
from dataclasses import replace

from plugins.module_utils.evenkeel import manifest as manifests
from plugins.module_utils.evenkeel_compiler.model import Pool, Site
from plugins.module_utils.evenkeel_compiler.payload import payload
from tests.templates.builders import EVERY_KIND, MEMBERS, SETTINGS, compiled, php_site, static_site


def shuffled() -> list[Site]:
    sites = list(EVERY_KIND)
    random.Random(4).shuffle(sites)
    return sites


def test_the_same_truth_has_the_same_name() -> None:
    one, two = compiled(*EVERY_KIND), compiled(*shuffled())
    assert one.id == two.id and payload(one) == payload(two)


def test_every_change_has_another_name() -> None:
    names = {
        compiled(static_site()).id,
        compiled(static_site(server_name="other.example")).id,
        compiled(static_site(headers=(("X-A", "b"),))).id,
        compiled(static_site(), pool=Pool("web", timeout_s=61)).id,
        compiled(static_site(), pool=Pool("web2")).id,
        compiled().id,
    }
    assert len(names) == 6


def test_the_host_accepts_the_manifest() -> None:
    release = compiled(*EVERY_KIND)
    manifest = manifests.from_bytes(release.manifest_bytes)
    assert manifest == release.manifest and manifests.release_id(release.manifest_bytes) == release.id
    assert set(manifest.files) == set(release.files)
    assert manifest.sites["blog"]["vhosts"] == ["blog.example", "www.blog.example"]
    assert manifest.sites["blog"]["php"] == {"version": "8.2", "isolation": "shared", "socket": "/run/php/blog.sock"}
    assert manifest.sites["docs"]["php"] is None


def test_one_sites_change_touches_its_own_files_only() -> None:
    before = compiled(*EVERY_KIND).manifest.files
    changed = [replace(site, headers=(("X-A", "b"),)) if site.name == "shop" else site for site in EVERY_KIND]
    after = compiled(*changed).manifest.files
    differing = {path for path in before if before[path] != after[path]}
    assert differing == {"apache2/sites/shop.conf", "probes.json"}


def test_an_absent_site_leaves_nothing_behind() -> None:
    release = compiled(static_site(), php_site("gone", state="absent"))
    assert release.id == compiled(static_site()).id


def test_secrets_are_readable_for_who_needs_them_only() -> None:
    files = compiled(php_site(settings=SETTINGS, access=MEMBERS), static_site(settings=SETTINGS)).files
    secret = files["settings/blog/wp-config.php"]
    assert (secret.mode, secret.group, secret.secret) == ("0640", "blog", True)
    assert files["settings/docs/wp-config.php"].group == "www-data"
    assert (files["settings/blog/robots.txt"].mode, files["settings/blog/robots.txt"].secret) == ("0644", False)
    hashes = files["apache2/htpasswd/blog"]
    assert (hashes.mode, hashes.group, hashes.secret) == ("0640", "www-data", True)


def test_probes_have_one_line_a_site() -> None:
    content = compiled(*EVERY_KIND).files["probes.json"].content
    assert len(content.splitlines()) == len(EVERY_KIND) + 2
    assert sorted(json.loads(content)["sites"]) == sorted(site.name for site in EVERY_KIND)


def test_a_payload_holds_the_manifest_first_and_names_nobody() -> None:
    release = compiled(*EVERY_KIND)
    with tarfile.open(fileobj=io.BytesIO(payload(release))) as archive:
        members = archive.getmembers()
        assert archive.extractfile(members[0]).read() == release.manifest_bytes  # type: ignore[union-attr]
    names = [member.name for member in members]
    assert names == ["manifest.json", *sorted(release.files)] and "apache2/release.conf" not in names
    assert {(member.mtime, member.uid, member.gid, member.isreg()) for member in members} == {(0, 0, 0, True)}


def test_an_empty_pool_is_a_release_too() -> None:
    release = compiled()
    assert release.manifest.sites == {} and "php/8.2/php-fpm.conf" in release.files
