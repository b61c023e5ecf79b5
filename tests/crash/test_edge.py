"""A balancer whose engine breaks, whose disk is full or whose power fails: the old or the new release, whole.

It is a Debian 13, so that the newer HAProxy and keepalived are seen to work as well; the web host behind it is a Debian 12.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel_compiler.edge_build import EdgeOrder, build_edge
from plugins.module_utils.evenkeel_compiler.edge_model import Backends
from plugins.module_utils.evenkeel_compiler.edge_truth import balancers_from, edge_from, servers_from
from plugins.module_utils.evenkeel_compiler.truth import pool_from
from tests.crash import truth
from tests.crash.conftest import LAB, POOL, break_every, lab_files
from tests.hosts import bed
from tests.hosts.bed import PROJECT, Box, connection

pytestmark = pytest.mark.hosts
NEWER = "trixie"
PROGRAM = "edge_rounds.py"
PAGE = b"<?php if (isset($_GET['wait'])) sleep(6); if (isset($_GET['fail'])) http_response_code(500); echo 'here';\n"
STAYS_ON_HTTP = "tls: {redirect: false}\n"


@pytest.fixture(scope="module")
def web() -> Iterator[Box]:
    """One of its own: what other crashes left of theirs is no matter here."""
    with kept("c-web") as box:
        yield box


@pytest.fixture(scope="module")
def edge_lab(web: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A balancer in front of a web host, with payloads of two versions and the scripts that break it."""
    folder = tmp_path_factory.mktemp("edge")
    with kept("c-edge", NEWER) as box:
        inventory = provision(web, box, folder)
        box.copy({**lab_files(), **payloads(web, box, inventory.parent)}, LAB)
        yield box


@contextmanager
def kept(name: str, release: str = "bookworm") -> Iterator[Box]:
    box = bed.up(name, release)
    try:
        yield box
    finally:
        if not os.environ.get("EVENKEEL_KEEP"):
            bed.down(box.name)


def provision(web: Box, box: Box, folder: Path) -> Path:
    """Both from one inventory, by the project's own playbooks."""
    for site in truth.SITES:
        kind = "static" if site == "brochure" else "php"
        truth.put(folder / f"sites/{site}/site.yml", f"server_name: {site}.example\nkind: {kind}\n{STAYS_ON_HTTP}")
    web.copy({"index.html": b"<h1>Brochure</h1>\n"}, "/srv/www/brochure/public")
    for site in ("notes", "till"):
        web.copy({"index.php": PAGE}, f"/srv/www/{site}/public")
    groups: dict[str, Any] = {"web": {"hosts": {web.name: connection(web.name)}, "vars": POOL}}
    groups["edge"] = {"hosts": {box.name: connection(box.name)}, "vars": {"evenkeel_edge": settings(box)}}
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps({"all": {"children": groups}}))
    for playbook in ("certificate.yml", "site.yml"):
        bed.play(playbook, inventory)
    return inventory


def settings(box: Box) -> dict[str, Any]:
    return {"name": "edge", "addresses": [box.address.rpartition(".")[0] + ".232/24"], "vrrp_id": 78}


def payloads(web: Box, box: Box, inventory: Path) -> dict[str, bytes]:
    """The version that is live, and one in which a site may take longer: a map and the site's facts differ."""
    files: dict[str, bytes] = {}
    releases = {}
    for version in (truth.OLD, truth.NEW):
        if version is truth.NEW:
            with (inventory / "sites/brochure/site.yml").open("a") as stream:
                stream.write("limits: {timeout_s: 120}\n")
        edge = edge_from(settings(box))
        made = build_edge(
            EdgeOrder(
                project=PROJECT,
                environment=version.name,
                edge=edge,
                balancers=balancers_from([{"name": box.name, "address": box.address}], edge),
                pools=(
                    Backends(pool_from(dict(POOL["evenkeel_pool"])), servers_from([{"name": web.name, "address": web.address}])),
                ),
                sites_dir=inventory / "sites",
                build_dir=inventory / "build",
                keys={"self-signed": (inventory / "certs/self-signed.key").read_bytes()},
                secrets={},
            )
        )
        files[version.name + ".tar.gz"] = made.payload.read_bytes()
        releases[version.name] = [made.id, f"{LAB}/{version.name}.tar.gz"]
    return {**files, "releases.json": json.dumps(releases).encode()}


def said(box: Box, *order: str) -> str:
    return box.run("python3", f"{LAB}/{PROGRAM}", LAB, *order, check=False)


@pytest.mark.parametrize(("phase", "steps"), [("stage", 15), ("prove", 5), ("live", 7), ("confirm", 3), ("revert", 3)])
def test_a_balancer_s_engine_that_breaks_at_any_step_costs_nobody_a_request(edge_lab: Box, phase: str, steps: int) -> None:
    """Only deaths: what the engine does with an error of the disk is no matter of tiers, see test_crash.py."""
    report = break_every(edge_lab, phase, "kill", PROGRAM)
    assert report["problems"] == []
    assert report["visitors"]["failed"] == 0
    assert report["broken"][phase + " kill"] >= steps


def test_a_release_that_nobody_confirms_is_undone_by_the_balancer(edge_lab: Box) -> None:
    report = break_every(edge_lab, "deadline", "kill", PROGRAM)
    assert (report["problems"], report["visitors"]["failed"]) == ([], 0)


# An application that hung goes on working off its queue for a while, so it comes last.
@pytest.mark.parametrize(("trouble", "answers"), [("fail", "500"), ("wait", "503")])
def test_one_tenant_in_trouble_costs_its_neighbours_nothing(edge_lab: Box, trouble: str, answers: str) -> None:
    """Two hundred visitors at once of an application that hangs, or fails: more than the hosts' connections."""
    report = json.loads(edge_lab.run("python3", LAB + "/edge_tenants.py", edge_lab.address, trouble))
    assert set(report["neighbours"]) == {"200"} and report["neighbours"]["200"] > 20, report
    assert report["tenant"][answers] > 0, report


def test_a_pool_whose_checks_all_fail_is_served_and_told(web: Box, edge_lab: Box) -> None:
    """PHP alone is down: static pages go on, the journal has a line, and a figure of its own counts them."""
    web.run("systemctl", "stop", "php8.2-fpm")
    try:
        time.sleep(3)
        answered = edge_lab.run(
            "curl", "-so", "/dev/null", "-w", "%{http_code}", "-H", "Host: brochure.example", "http://127.0.0.1/"
        )
    finally:
        web.run("systemctl", "start", "php8.2-fpm")
    assert answered == "200"
    assert "backend web has no server available" in edge_lab.run("journalctl", "--unit", "haproxy", "--output", "cat")
    figures = edge_lab.run("curl", "-s", "http://127.0.0.1:8404/metrics")
    assert float(re.findall(r'haproxy_backend_http_requests_total\{proxy="web-anyway"\} (\d+)', figures)[0]) >= 1
    time.sleep(3)


def test_a_balancer_without_room_changes_nothing(edge_lab: Box) -> None:
    assert said(edge_lab, "full_disk").strip().endswith("as it must")


def test_a_balancer_that_loses_power_boots_into_the_known_good_release(edge_lab: Box) -> None:
    """The last one, because it leaves nobody's address behind."""
    assert said(edge_lab, "pending").strip().endswith("as it must")
    edge_lab.kill()
    edge_lab.start()
    assert said(edge_lab, "after_boot").strip().endswith("as it must")
