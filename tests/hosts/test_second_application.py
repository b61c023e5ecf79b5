"""A real PHP application that Evenkeel was not made for works by writing a site folder, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from . import bed

HERE = Path(__file__).parent / "second_application"
POOL = {"evenkeel_pool": {"name": "web"}}

pytestmark = pytest.mark.hosts


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bed.Box]:
    """A bare host that serves the folder's site: in maintenance while the tenant uploads, active afterwards."""
    host = bed.up("wiki1")
    folder = tmp_path_factory.mktemp("second") / "second"
    inventory = bed.write_inventory(folder, ["wiki1"], POOL)
    shutil.copytree(HERE / "wiki", folder / "sites" / "wiki")
    site = folder / "sites" / "wiki" / "site.yml"
    active = site.read_text()
    site.write_text(active + "state: maintenance\nreason: Moving in\n")
    bed.play("site.yml", inventory)
    host.run("sh", "-c", (HERE / "upload.sh").read_text())
    site.write_text(active)
    bed.play("push.yml", inventory)
    yield host
    bed.down("wiki1")


def test_its_pages_reach_a_visitor(wiki: bed.Box) -> None:
    page = requests.get("http://%s/doku.php?id=start" % wiki.address, headers={"Host": "wiki.example"}, timeout=10)
    assert page.status_code == 200
    assert "Harbour Wiki" in page.text


def test_a_visitor_can_edit_it(wiki: bed.Box) -> None:
    address, headers = "http://%s/doku.php" % wiki.address, {"Host": "wiki.example"}
    with requests.Session() as visitor:
        form = visitor.get(address, params={"id": "pier", "do": "edit"}, headers=headers, timeout=10).text
        token = form.split('name="sectok" value="')[1].split('"')[0]
        fields = {
            "id": "pier",
            "do[save]": "1",
            "sectok": token,
            "wikitext": "Seven berths.",
            "prefix": "",
            "suffix": "",
            "date": "",
        }
        visitor.post(address, data=fields, headers=headers, timeout=10, allow_redirects=False)
        assert "Seven berths." in visitor.get(address, params={"id": "pier"}, headers=headers, timeout=10).text
