"""Everything a scenario can reach: hosts, truth, controller and visitors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import pages, show
from .client import Backend, Page, Stream, Visit
from .client.visitor import Visitor
from .controller import Controller, Run
from .fleet import CHECKOUT, EDGE, HOSTS, NEWCOMER, WEB, DemoFailed, Fleet, testbed, wait_until
from .truth import Truth

BUILD = CHECKOUT / "build" / "demo"
RECORD = CHECKOUT / "record" / BUILD.name  # whose name is the environment's
PUSH, SITE = "playbooks/push.yml", "playbooks/site.yml"
ADD_BACKUP, REMOVE_HOST = "playbooks/add_backup.yml", "playbooks/remove_host.yml"
PREPARE = "demo/playbooks/prepare.yml"
PATIENCE_S = 180
SOAK = ("-e", "soak_s=4")  # seconds in which visitors judge each host with a new release; 20 where nobody watches
WORDPRESS = "/usr/share/wordpress/wp-settings.php"
HARDENED_UNIT = "evenkeel-php8.2@shop.service"


@dataclass
class Evening:
    """One run of the demo."""

    fleet: Fleet
    truth: Truth
    controller: Controller
    folder: Path
    stream: Stream | None = None

    def push(self, *extra: str) -> Run:
        return self.controller.play(PUSH, *SOAK, *extra)

    def missing(self, hosts: Sequence[str] = WEB) -> list[str]:
        """Those of `hosts` that not every balancer sends visitors to, or would if it had to."""
        rotations = [self.fleet.rotation(balancer) for balancer in EDGE]
        return [host for host in hosts if not all(seen.get(host, "").startswith("UP") for seen in rotations)]

    def await_rotation(self, hosts: Sequence[str], why: str, limit_s: float = PATIENCE_S) -> tuple[str, ...]:
        """Wait until visitors come to these hosts; says which of them have to do without."""
        with show.waiting("balancers", why, limit_s):
            wait_until(lambda: not self.missing(hosts), limit_s)
        return tuple(f"{host} is not in rotation" for host in self.missing(hosts))

    def open_doors(self, rate: float = pages.RATE, record: str = "stream") -> None:
        """Let visitors in, `rate` times a second, once every page is right on each host and through the balancers."""
        wrong = [visit for place in (*map(self.host, WEB), self.edge) for visit in wrong_answers(place)]
        if wrong:
            raise DemoFailed("Before the visitors came: " + "; ".join(map(sentence, wrong[:5])))
        self.stream = Stream(pages.load(self.edge, rate), self.folder / record)
        self.stream.start()

    @property
    def record(self) -> Path:
        """Where its rollouts are written down."""
        return CHECKOUT / "record" / self.folder.name

    @property
    def edge(self) -> Backend:
        """Where visitors come to: the address that the balancers share."""
        return Backend("edge", self.fleet.shared_address, 443, tls=True, ca=str(self.truth.certificate))

    def host(self, name: str) -> Backend:
        """A web host itself, behind the balancers' back."""
        return Backend(name, self.fleet.address(name))

    def shop_says(self, host: str, text: str) -> bool:
        page = Page("shop", "shop.example", "/", marker=text)
        return Visitor(self.host(host), keeps=False).visit(page)[-1].outcome == "ok"

    def settled(self, host: str, release: str) -> bool:
        """Whether `host` serves `release` and waits for nothing."""
        status = self.fleet.status(host)
        return status.get("current") == release and not status.get("pending")


def make(folder: Path = BUILD) -> Evening:
    """`folder` gets all that is written; its name is the environment's, so that several do not meet."""
    fleet, truth = Fleet(folder), Truth(folder / "inventories" / "example")
    return Evening(fleet, truth, Controller(truth, fleet, folder / "logs", folder.name), folder)


def wrong_answers(place: Backend) -> list[Visit]:
    """Each page asked once there; what is not as it must be."""
    asked, found = pages.load(place), list[Visit]()
    for page in asked.pages:
        visitor = Visitor(place, asked.foreign_markers(page.site), keeps=False)
        found += [visit for visit in visitor.visit(page) if visit.outcome != "ok"]
    return found


def sentence(visit: Visit) -> str:
    return f"{visit.backend} answered {visit.method} {visit.site} {visit.path} with {visit.status} ({visit.outcome})"


def prepare(evening: Evening) -> None:
    """Hosts, services and content are there, and the eight sites are published as the example has them."""
    show.say("hosts", f"Start {', '.join(HOSTS)} (the first time their image is built: 2 to 3 minutes)")
    testbed("down", NEWCOMER)
    evening.fleet.up(*HOSTS)
    for host in WEB:
        await_deadline(evening.fleet, host)
    show.say("truth", "Copy the inventory; WordPress's own wp-settings.php becomes a settings file that the company manages")
    prepare_truth(evening)
    show.say("content", "Bring database, backend, WordPress and the files of the sites (what Evenkeel does not manage)")
    demand(evening.controller.play(PREPARE, quiet=True))
    show.say("publish", "Set up web hosts, balancers and backup, and publish the eight sites on them")
    demand(evening.controller.play("playbooks/certificate.yml", quiet=True))
    demand(evening.controller.play(SITE))


def prepare_truth(evening: Evening) -> None:
    """A copy of the example as it fits these hosts, without the changes of an earlier run."""
    evening.truth.copy()
    fleet = evening.fleet
    evening.truth.place(fleet.shared_address, fleet.visitors_address, fleet.address("db1"))
    evening.truth.manage("sites/blog/settings/wp-settings.php", evening.fleet.read("web1", WORDPRESS))


def resume(evening: Evening) -> None:
    """The fleet is as an earlier run left it: only have its hosts run, and its truth as it should be."""
    if not evening.truth.certificate.exists():
        raise DemoFailed(f"There is no fleet of an earlier run in {evening.folder}; begin without --again.")
    evening.fleet.up(*HOSTS)
    prepare_truth(evening)


def await_deadline(fleet: Fleet, host: str) -> None:
    """A demo that was interrupted may have left a release that nobody confirmed; the host undoes it by itself."""
    pending = fleet.status(host).get("pending")
    if pending:
        limit = float(pending["left_s"]) + 40
        with show.waiting("hosts", f"{host} undoes what an interrupted run left", limit):
            wait_until(lambda: not fleet.status(host).get("pending"), limit)


def demand(run: Run) -> None:
    if run.process.returncode:
        raise DemoFailed(f"This should have worked:\n{run.last_words()}\nAll of it is in {run.log}.")


def tidy(evening: Evening) -> None:
    """Nobody's hardening stays behind on web1; the visitors are gone, so a restart costs none of them a request."""
    command = f"sudo rm -rf /etc/systemd/system/{HARDENED_UNIT}.d && sudo systemctl daemon-reload"
    evening.fleet.run("web1", f"{command} && sudo systemctl try-restart {HARDENED_UNIT}")
