"""Everything a scenario can reach: hosts, truth, controller and visitors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import pages, show
from .client import Backend, Page, Stream, Visit
from .client.visitor import Visitor
from .controller import Controller, Run
from .fleet import CHECKOUT, WEB, DemoFailed, Fleet, wait_until
from .truth import Truth

BUILD = CHECKOUT / "build" / "demo"
PUSH = "playbooks/push.yml"
PATIENCE_S = 180
WORDPRESS = "/usr/share/wordpress/wp-settings.php"
HARDENED_UNIT = "evenkeel-php8.2@shop.service"


@dataclass
class Evening:
    """One run of the demo."""

    fleet: Fleet
    truth: Truth
    controller: Controller
    stream: Stream | None = None

    def push(self, *extra: str) -> Run:
        return self.controller.play(PUSH, *extra)

    def open_doors(self) -> None:
        """Let the visitors in, once every page of every site is right on both hosts."""
        wrong = [visit for host in WEB for visit in self.wrong_answers(host)]
        if wrong:
            raise DemoFailed("Before the visitors came: " + "; ".join(map(sentence, wrong[:5])))
        self.stream = Stream(pages.load({host: self.fleet.address(host) for host in WEB}), BUILD / "stream")
        self.stream.start()

    def wrong_answers(self, host: str) -> list[Visit]:
        """Each page asked once, directly at `host`; what is not as it must be."""
        asked = pages.load({host: self.fleet.address(host)})
        found = []
        for page in asked.pages:
            visitor = Visitor(asked.backends[0], asked.foreign_markers(page.site), keeps=False)
            found += [visit for visit in visitor.visit(page) if visit.outcome != "ok"]
        return found

    def shop_says(self, host: str, text: str) -> bool:
        page = Page("shop", "shop.example", "/", marker=text)
        return Visitor(Backend(host, self.fleet.address(host)), keeps=False).visit(page)[-1].outcome == "ok"

    def settled(self, host: str, release: str) -> bool:
        """Whether `host` serves `release` and waits for nothing."""
        status = self.fleet.status(host)
        return status.get("current") == release and not status.get("pending")


def make(build: Path = BUILD) -> Evening:
    fleet, truth = Fleet(build), Truth(build / "inventories" / "example")
    return Evening(fleet, truth, Controller(truth, fleet, build / "logs"))


def sentence(visit: Visit) -> str:
    return f"{visit.backend} answered {visit.method} {visit.site} {visit.path} with {visit.status} ({visit.outcome})"


def prepare(evening: Evening) -> None:
    """Hosts, services and content are there, and the eight sites are published as the example has them."""
    show.say("hosts", "Start db1, web1 and web2 (the first time their image is built: 2 to 3 minutes)")
    evening.fleet.up()
    for host in WEB:
        await_deadline(evening.fleet, host)
    show.say("truth", "Copy the inventory; WordPress's own wp-settings.php becomes a settings file that the company manages")
    evening.truth.copy()
    evening.truth.manage("blog/settings/wp-settings.php", evening.fleet.read("web1", WORDPRESS))
    show.say("content", "Bring database, backend, WordPress and the files of the sites (what Evenkeel does not manage)")
    demand(evening.controller.play("demo/playbooks/prepare.yml", quiet=True))
    show.say("publish", "Set up the web hosts and publish the eight sites")
    demand(evening.controller.play("playbooks/site.yml"))


def await_deadline(fleet: Fleet, host: str) -> None:
    """A demo that was interrupted may have left a release that nobody confirmed; the host undoes it by itself."""
    pending = fleet.status(host).get("pending")
    if pending:
        limit = float(pending["left_s"]) + 40
        with show.waiting("hosts", f"{host} undoes what an interrupted run left", limit):
            wait_until(lambda: not fleet.status(host).get("pending"), limit)


def demand(run: Run) -> None:
    if run.process.returncode:
        raise DemoFailed(f"This should have worked:\n{run.last_words()}\nAll of it is in {BUILD / 'logs'}.")


def tidy(evening: Evening) -> None:
    """Nobody's hardening stays behind on web1; the visitors are gone, so a restart costs none of them a request."""
    command = f"sudo rm -rf /etc/systemd/system/{HARDENED_UNIT}.d && sudo systemctl daemon-reload"
    evening.fleet.run("web1", f"{command} && sudo systemctl try-restart {HARDENED_UNIT}")
