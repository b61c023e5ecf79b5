"""The fleet's truth, copied to be changed: good changes are kept, bad ones are put back."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from .dice import Round

ORIGINAL = Path(__file__).parent / "truth"
WRONG_PROBE = {"name": "what nobody ever said", "path": "/", "expect": {"contains": "nobody ever said this"}}


class Truth:
    """`folder` is made anew, or taken as an earlier run left it; its name is the environment's."""

    def __init__(self, folder: Path, anew: bool = True) -> None:
        self.folder = folder
        if anew:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(ORIGINAL, folder)

    @property
    def hosts(self) -> Path:
        return self.folder / "hosts.yml"

    @property
    def certificate(self) -> Path:
        return self.folder / "certs" / "self-signed.pem"

    def change(self, one: Round) -> None:
        """Edit the site's file as the round says; the number makes each release another one."""
        path = self._file(one.site)
        site = yaml.safe_load(path.read_text(encoding="utf-8"))
        stamp = f"{one.seed}.{one.number}"
        if one.change == "limits":
            site["limits"] = {"timeout_s": 30 + one.number % 60}
        if one.change == "no_index":
            site["index"] = ["nowhere.html"]
        if one.change == "probe":
            site["probes"] = [WRONG_PROBE]
        site["headers"] = {"X-Version": stamp}
        path.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")

    def put_back(self, site: str) -> None:
        shutil.copy(ORIGINAL / "sites" / site / "site.yml", self._file(site))

    def _file(self, site: str) -> Path:
        return self.folder / "sites" / site / "site.yml"
