"""Two real hosts, one the content origin: what comes along, what never does, who may do what, and how the origin changes."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import bed

pytestmark = pytest.mark.hosts
MAINTENANCE = "state: maintenance\nreason: Moving in\n"
BLOG = "server_name: blog.example\nkind: php\n" + MAINTENANCE
DOCS = "server_name: docs.example\nkind: static\ncontent: {source: archive, url: 'file://%s', sha256: %s}\n" + MAINTENANCE
CONFIG = "/etc/evenkeel/content/ssh_config"
PUBLIC = "/srv/www/blog/public"
UPLOAD = f"""
cd {PUBLIC}
mkdir -p up
for n in $(seq 30); do echo "page $n" > up/$n.html; done
ln -sfn up/1.html newest
ln -sfn {PUBLIC}/up/2.html absolute
touch mine && chmod 0640 mine
chown -Rh blog:www-data up newest absolute mine
"""
FIRST = {"index.html": b"one\n", "gone.html": b"old\n"}
SECOND = {"index.html": b"two\n"}


class Fleet:
    """web1 is the origin to begin with, web2 copies it."""

    def __init__(self, folder: Path) -> None:
        self.web1, self.web2 = bed.up("c-web1"), bed.up("c-web2")
        known = {"evenkeel_pool": {"name": "web"}, "content_interval_s": 86400}  # runs come when a test says so
        self.inventory = bed.write_inventory(folder, ["c-web1", "c-web2"], known)
        self.docs = folder / "sites/docs/site.yml"
        for name in ("blog", "docs"):
            (folder / "sites" / name).mkdir(parents=True)
        (folder / "sites/blog/site.yml").write_text(BLOG)
        self.release(FIRST)
        conf = folder / "sites/blog/settings/conf"
        conf.mkdir(parents=True)
        (conf / "site.php").write_text("<?php return 'settings';\n")
        bed.play("site.yml", self.inventory)
        self.web1.run("sh", "-ec", UPLOAD)
        bed.play("content.yml", self.inventory)

    def release(self, pages: dict[str, bytes]) -> None:
        """An archive that the truth names."""
        packed = archive(pages)
        digest = hashlib.sha256(packed).hexdigest()
        for host in (self.web1, self.web2):  # whichever is the origin has it
            host.copy({digest: packed}, "/srv/archives")
        self.docs.write_text(DOCS % ("/srv/archives/" + digest, digest))

    def copy(self, host: bed.Box | None = None) -> dict[str, Any]:
        """Status after a run of its own, whatever another is at."""
        host = host or self.web2
        host.run("systemctl", "restart", "evenkeel-content.service", check=False)
        return status(host)


def archive(pages: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as packed:
        for name, content in pages.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            packed.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def status(host: bed.Box) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(host.run("evenkeel-content", "status", "--json", check=False))
    return found


def listing(host: bed.Box, site: str = "blog") -> str:
    """Owners, modes and targets of all that visitors can reach, and the bytes of files."""
    look = "find public ! -type d -printf '%p %u %g %m %s %l\\n' -o -printf '%p %u %g %m\\n' | sort"
    return host.run("sh", "-c", f"cd /srv/www/{site} && {look}")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    yield Fleet(tmp_path_factory.mktemp("content") / "content")
    bed.down("c-web1", "c-web2")


def test_a_replica_has_what_the_origin_has(fleet: Fleet) -> None:
    assert status(fleet.web2)["ready"]
    assert "up/30.html blog www-data" in listing(fleet.web2)
    assert listing(fleet.web2) == listing(fleet.web1)
    assert fleet.web2.run("cat", "/srv/www/docs/public/index.html") == "one\n"


def test_deletions_come_along_and_settings_links_do_not(fleet: Fleet) -> None:
    fleet.web1.run("rm", f"{PUBLIC}/up/7.html")
    fleet.web1.run("ln", "-s", "/etc/evenkeel/current/settings/blog/newer.php", f"{PUBLIC}/newer.php")
    fleet.web2.run("ln", "-s", "/etc/evenkeel/current/settings/blog/x.php", f"{PUBLIC}/.x.php.evenkeel")
    linked = fleet.web2.run("readlink", f"{PUBLIC}/conf/site.php")
    fleet.web1.run("sh", "-c", f"rm {PUBLIC}/conf/site.php && echo plain > {PUBLIC}/conf/site.php")
    assert fleet.copy()["ready"]
    assert fleet.web2.run("readlink", f"{PUBLIC}/conf/site.php") == linked
    there = fleet.web2.run("find", PUBLIC, "-printf", "%P\n").split()
    assert "up/7.html" not in there
    assert "newer.php" not in there
    assert ".x.php.evenkeel" in there
    fleet.web2.run("rm", f"{PUBLIC}/.x.php.evenkeel")
    fleet.web1.run("sh", "-c", f"rm {PUBLIC}/newer.php; ln -sf {linked.strip()} {PUBLIC}/conf/site.php")
    fleet.web1.run("chown", "-h", "root:www-data", f"{PUBLIC}/conf/site.php")


def test_a_new_release_leaves_uploads_alone(fleet: Fleet) -> None:
    fleet.web1.run("sh", "-c", "cd /srv/www/docs/public && echo mine > upload.txt && chown docs:www-data upload.txt")
    fleet.release(SECOND)
    bed.play("content.yml", fleet.inventory)
    for host in (fleet.web1, fleet.web2):
        found = host.run("sh", "-c", "cd /srv/www/docs/public && ls && cat index.html upload.txt")
        assert found.split() == ["index.html", "upload.txt", "two", "mine"]


@pytest.mark.parametrize("wish", ["id", "rsync --server --sender -logDtpr . /etc/", "cat /etc/shadow", ""])
def test_the_key_opens_nothing_else(fleet: Fleet, wish: str) -> None:
    said = fleet.web2.run("setpriv", "--reuid=evenkeel-content", "--clear-groups", "ssh", "-F", CONFIG,
                          "c-web1", *wish.split(), check=False)  # fmt: skip
    assert said == ""


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("c-web1::www/../../etc/passwd", "/tmp/stolen"),
        ("c-web1::www/blog/public/conf/", "/tmp/stolen/"),  # with -L: what the settings link leads to
        ("c-web1::etc/", "/tmp/stolen"),
        ("/etc/hostname", "c-web1::www/blog/public/planted"),
    ],
)
def test_the_key_reads_no_settings_and_writes_nothing(fleet: Fleet, source: str, target: str) -> None:
    fleet.web2.run("install", "-d", "-o", "evenkeel-content", "/tmp/stolen")
    fleet.web2.run("setpriv", "--reuid=evenkeel-content", "--clear-groups", "rsync", "-rL", "-e",
                   "ssh -F /etc/evenkeel/content/ssh_config", source, target, check=False)  # fmt: skip
    assert fleet.web2.run("find", "/tmp/stolen", "-type", "f") == ""
    assert fleet.web1.run("find", PUBLIC, "-name", "planted") == ""
    fleet.web2.run("rm", "-rf", "/tmp/stolen")


def test_a_site_that_is_lost_is_kept_until_somebody_accepts(fleet: Fleet) -> None:
    fleet.web1.run("sh", "-c", f"mv {PUBLIC}/up /srv/up")
    told = fleet.copy()
    assert told["sites"]["blog"]["outcome"] == "refused"
    assert told["ready"]
    assert "up/30.html" in listing(fleet.web2)
    fleet.web2.run("evenkeel-content", "accept", "blog")
    assert fleet.copy()["sites"]["blog"]["outcome"] == "ok"
    assert "up/30.html" not in listing(fleet.web2)
    fleet.web1.run("sh", "-c", f"mv /srv/up {PUBLIC}/up")
    assert fleet.copy()["sites"]["blog"]["outcome"] == "ok"


def test_a_copy_that_is_killed_is_finished_by_the_next(fleet: Fleet) -> None:
    fleet.web1.run("sh", "-c", f"head -c 120M /dev/urandom > {PUBLIC}/big && chown blog:www-data {PUBLIC}/big")
    fleet.web2.run("systemctl", "start", "--no-block", "evenkeel-content.service")
    kill = "systemctl kill --signal=KILL evenkeel-content@blog.service"  # at once: an idle machine copies all of it in a second
    seen = f"for n in $(seq 3000); do ls -A {PUBLIC} | grep -q '^.big' && exec {kill}; sleep 0.01; done; exit 1"
    fleet.web2.run("sh", "-c", seen)
    assert " big " not in fleet.web2.run("ls", "-l", PUBLIC)
    assert fleet.copy()["sites"]["blog"]["outcome"] == "ok"
    assert listing(fleet.web2) == listing(fleet.web1)


def test_a_full_disk_keeps_what_visitors_see(fleet: Fleet) -> None:
    """The site's home on a small file system, as a quota would have it."""
    before = fleet.web2.run("cat", f"{PUBLIC}/up/1.html")
    fleet.web2.run("sh", "-ec", "cp -a /srv/www/docs /tmp/docs; mount -t tmpfs -o size=1m,mode=0750 none /srv/www/docs; "
                   "cp -a /tmp/docs/. /srv/www/docs/; chown docs:www-data /srv/www/docs")  # fmt: skip
    fleet.web1.run("sh", "-c", "cd /srv/www/docs/public && head -c 3M /dev/urandom > large && chown docs:www-data large")
    told = fleet.copy()
    assert "The disk is full" in told["sites"]["docs"]["message"]
    assert fleet.web2.run("cat", "/srv/www/docs/public/index.html") == "two\n"
    assert fleet.web2.run("cat", f"{PUBLIC}/up/1.html") == before
    fleet.web2.run("umount", "/srv/www/docs")
    assert fleet.copy()["sites"]["docs"]["outcome"] == "ok"


def test_a_dead_origin_is_replaced_and_its_own_files_are_kept(fleet: Fleet) -> None:
    fleet.web1.run("sh", "-c", f"echo late > {PUBLIC}/late.jpg && chown blog:www-data {PUBLIC}/late.jpg")
    fleet.web1.kill()
    assert fleet.copy()["ready"]
    said = bed.play("content_origin.yml", fleet.inventory, "-e", "origin=c-web2", check=False)
    assert status(fleet.web2)["origin"] == "c-web2", said
    fleet.web2.run("sh", "-c", f"echo new > {PUBLIC}/new.html && chown blog:www-data {PUBLIC}/new.html")
    fleet.web1.start()
    refused = bed.play("content.yml", fleet.inventory, check=False)
    assert "evenkeel_content_origin: c-web2" in refused
    bed.play("content.yml", fleet.inventory, "-e", "evenkeel_content_origin=c-web2")
    told = fleet.copy(fleet.web1)
    assert told["ready"]
    assert listing(fleet.web1) == listing(fleet.web2)
    assert fleet.web1.run("find", *told["kept"], "-name", "late.jpg") != ""
    assert fleet.web1.run("systemctl", "is-active", "evenkeel-content-origin.socket", check=False).strip() == "inactive"
