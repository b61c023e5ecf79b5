"""A test host as the runner sees it: made ready once, then asked fault by fault over one connection."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from demo.client import Backend, Load, Page, Stream
from plugins.module_utils.evenkeel_compiler.compile import Release
from tests.faults import edge
from tests.faults.layout import CONTENT, TRUTH
from tests.hosts import bed
from tests.hosts.bed import PROJECT, TESTBED, Box, connection

FOLDER = "/root/faults"
BYSTANDERS = ("bakery", "choir", "dentist")
BACKEND = "faults-backend.service"
LIVE_S = 0.7  # how long visitors meet a fault that nobody refused
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

    _anew = False

    def __init__(self, name: str, folder: Path) -> None:
        self.box = Box(name)
        self._folder = folder
        self._driver: subprocess.Popen[str] | None = None
        self._tried: list[str] = []
        self.healthy = self.current = ""
        load = Load((Backend(name, self.box.address),), PAGES, rate=4.0, visitors=2, timeout_s=10.0)
        self.visitors = Stream(load, folder / f"visitors-{name}")

    def prepare(self, release: Release, payload: bytes) -> None:
        """Engine, content and the healthy release. Raises HostUnfit."""
        self._bring()
        self._driver = self._start()
        self._answer()
        self.healthy = self.current = release.id
        order = {"id": release.id, "payload": base64.b64encode(payload).decode()}
        self.ask({"order": "stage", "anew": self._anew, **order})
        self._fill()
        found = self.ask({"order": "base", **order})
        if found["outcome"] not in ("confirmed", "unchanged"):
            raise HostUnfit(f"{self.box.name} refused the healthy release: {found['message']}")
        self.visitors.start()

    def attempt(self, release: Release, payload: bytes, on_host: list[dict[str, Any]]) -> dict[str, Any]:
        """What became of a faulty release on this host; `back` ends it."""
        self._tried.append(release.id)
        packed = base64.b64encode(payload).decode()
        order = {"order": "attempt", "id": release.id, "payload": packed, "on_host": on_host, "live_s": LIVE_S}
        found = self.ask(order)
        self.current = release.id if found["outcome"] == "live" else self.healthy
        return found

    def back(self) -> None:
        """The healthy release is live again, and nothing is left of what was tried. Raises HostUnfit."""
        if not self._tried:
            return
        found = self.ask({"order": "back", "base": self.healthy, "tried": self._tried})
        if found["outcome"] not in ("reverted", "unchanged"):
            raise HostUnfit(f"{self.box.name} does not come back to the healthy release: {found['message']}")
        self._tried, self.current = [], self.healthy

    def _fill(self) -> None:
        """What is no part of a release: the tenants' uploads."""
        self.box.run("sh", f"{FOLDER}/content.sh")

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
        for unit in ("release/files/evenkeel-twin@.service", "haproxy/files/twin.conf"):
            files[Path(unit).name] = (PROJECT / "roles" / unit).read_bytes()
        for path in CONTENT.rglob("*"):
            if path.is_file() and not path.is_symlink():
                files[f"content/{path.relative_to(CONTENT)}"] = path.read_bytes()
        self.box.copy(files, FOLDER)


class FaultBalancer(FaultHost):
    """A balancer before two web hosts; its visitors meet what they serve, too. Its house file has less than the project's."""

    _anew = True

    def _fill(self) -> None:
        """Balancers have no content."""


def up(names: list[str], folder: Path, balancer: str = "") -> None:
    """Hosts of the bed with the engine and its services, provisioned by the project's own playbooks."""
    every = [*names, balancer] if balancer else names
    new = _up(every)
    if balancer in new and new != every:  # web hosts of an earlier run do not know this balancer, and keep what they serve
        bed.down(*names)
        new = _up(every)
    if new:
        _provision(names if balancer in new else new, balancer, folder / "provision")


def _up(names: list[str]) -> list[str]:
    """Those of them that Evenkeel has not published anything on."""
    for name in names:
        bed.up(name)
    return [name for name in names if "known-good" not in Box(name).run("ls", "/etc/evenkeel", check=False)]


def _provision(names: list[str], balancer: str, folder: Path) -> None:
    for site in BYSTANDERS:
        _copy(TRUTH / "sites" / site, folder / "sites" / site)
    groups = {"web": {"hosts": {name: connection(name) for name in names}, "vars": {"evenkeel_pool": {"name": "web"}}}}
    if balancer:
        settings = edge.EdgeLayout({}, (), Box(balancer).address, balancer).settings
        groups["edge"] = {"hosts": {balancer: connection(balancer)}, "vars": {"evenkeel_edge": settings}}
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps({"all": {"children": groups}}, indent=1))
    for playbook in [*(["certificate.yml"] if balancer else []), "site.yml"]:
        bed.play(playbook, inventory)


def _copy(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
