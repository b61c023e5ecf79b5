"""A test host as the runner sees it: made ready once, then asked fault by fault over one connection."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from demo.client import Backend, Load, Page, Stream
from plugins.module_utils.evenkeel_compiler.compile import Release
from tests.faults.layout import CONTENT, TRUTH
from tests.hosts import bed
from tests.hosts.bed import PROJECT, TESTBED, Box

FOLDER = "/root/faults"
BYSTANDERS = ("bakery", "choir", "dentist")
BACKEND = "faults-backend.service"
PAGES = (
    Page("bakery", "bakery.example", marker="BYSTANDER-BAKERY"),
    Page("choir", "choir.example", marker="BYSTANDER-CHOIR"),
    Page("dentist", "dentist.example", status=(401,)),
    Page("static", "static.test", marker="STATIC-HOME-7f3a"),
    Page("static", "static.test", path="/style.css", marker="STATIC-CSS"),
    Page("app", "app.test", marker="APP-HOME-91bc"),
    Page("app", "app.test", path="/article/42", marker="APP-ARTICLE 42"),
    Page("secure", "secure.test", status=(301,)),
)


class HostUnfit(Exception):
    """The host cannot serve the healthy release, so nothing could be learned on it."""


class FaultHost:
    """One host with the healthy release live, visitors coming in, and a driver that tries what it is given."""

    def __init__(self, name: str, folder: Path) -> None:
        self.box = Box(name)
        self._folder = folder
        self._driver: subprocess.Popen[str] | None = None
        self._healthy = ""
        load = Load((Backend(name, self.box.address),), PAGES, rate=4.0, visitors=2, timeout_s=10.0)
        self.visitors = Stream(load, folder / f"visitors-{name}")

    def prepare(self, release: Release, payload: bytes) -> None:
        """Engine, content and the healthy release. Raises HostUnfit."""
        self._bring()
        self._driver = self._start()
        self._answer()
        self._healthy = release.id
        order = {"id": release.id, "payload": base64.b64encode(payload).decode()}
        self.ask({"order": "stage", **order})
        self.box.run("sh", f"{FOLDER}/content.sh")
        found = self.ask({"order": "base", **order})
        if found["outcome"] not in ("confirmed", "unchanged"):
            raise HostUnfit(f"{self.box.name} refused the healthy release: {found['message']}")
        self.visitors.start()

    def try_release(self, release: Release, payload: bytes, on_host: list[dict[str, Any]], live_s: float) -> dict[str, Any]:
        """What became of a faulty release on this host; the healthy one is live again afterwards."""
        return self.ask(
            {
                "order": "fault",
                "id": release.id,
                "payload": base64.b64encode(payload).decode(),
                "on_host": on_host,
                "live_s": live_s,
                "base": self._healthy,
            }
        )

    def close(self) -> None:
        if self._driver and self._driver.stdin:
            self._driver.stdin.close()
            self._driver.wait(timeout=30)

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._driver is not None and self._driver.stdin is not None
        self._driver.stdin.write(json.dumps(order) + "\n")
        self._driver.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._driver is not None and self._driver.stdout is not None
        line = self._driver.stdout.readline()
        if not line.startswith("{"):
            raise HostUnfit(f"the driver on {self.box.name} ended: {line}{self._driver.stdout.read()[-3000:]}")
        found: dict[str, Any] = json.loads(line)
        return found

    def _start(self) -> subprocess.Popen[str]:
        command = [str(TESTBED), "exec", self.box.name, "--", "env", f"PYTHONPATH={FOLDER}/lib", "python3", f"{FOLDER}/driver.py"]
        log = (self._folder / f"driver-{self.box.name}.log").open("w")
        return subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)

    def _bring(self) -> None:
        engine = PROJECT / "plugins/module_utils/evenkeel"
        files = {f"lib/evenkeel/{path.name}": path.read_bytes() for path in engine.glob("*.py")}
        files["driver.py"] = (Path(__file__).parent / "lab/driver.py").read_bytes()
        files["content.sh"] = (Path(__file__).parent / "lab/content.sh").read_bytes()
        files["evenkeel-twin@.service"] = (PROJECT / "roles/release/files/evenkeel-twin@.service").read_bytes()
        for path in CONTENT.rglob("*"):
            if path.is_file() and not path.is_symlink():
                files[f"content/{path.relative_to(CONTENT)}"] = path.read_bytes()
        self.box.copy(files, FOLDER)


def up(names: list[str], folder: Path) -> None:
    """Hosts of the bed with Apache, PHP and the engine, provisioned by the project's own playbook."""
    for name in names:
        bed.up(name)
    new = [name for name in names if "known-good" not in Box(name).run("ls", "/etc/evenkeel", check=False)]
    if not new:
        return
    sites = folder / "provision" / "sites"
    for site in BYSTANDERS:
        _copy(TRUTH / "sites" / site, sites / site)
    bed.play("site.yml", bed.write_inventory(folder / "provision", new, {"evenkeel_pool": {"name": "web"}}))


def _copy(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
