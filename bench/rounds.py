"""The run: every contender, size and number of hosts, case after case, taking turns so that noise hits all alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from demo.client import Backend, Load, Page, Stream, Summary, summarize

from . import bed, meter, truth
from .contenders import Contender
from .truth import Truth

CHANGED, MISTAKEN = truth.site_name(1), truth.site_name(0)  # static and PHP
CASES: dict[str, Callable[[Truth], Truth]] = {
    "first": lambda before: before,
    "unchanged": lambda before: before,
    "one": lambda before: before.turned(CHANGED),
    "global": lambda before: before.turned(None),
    "rejected": lambda before: before.with_mistake(MISTAKEN),
}
_REFUSED = ("rejected",)  # cases that must end with an error
_SHARED = ".250"  # the test bed gives hosts lower numbers
_ASKED = 6  # sites that visitors ask during an observed run
_RATE = 5.0  # requests a second to each of them


@dataclass(frozen=True)
class Sample:
    """One run of one contender; `observed` ones carry memory, tasks and lost requests, and no comparable time."""

    contender: str
    sites: int
    hosts: int
    case: str
    round: int
    observed: bool
    wall_s: float
    controller_cpu_s: float
    host_cpu_s: float
    bytes_sent: int
    memory_mb: dict[str, float]
    tasks_s: dict[str, float]
    phases_s: dict[str, float]
    requests: int
    lost: int

    @property
    def key(self) -> tuple[str, int, int, str]:
        return self.contender, self.sites, self.hosts, self.case


class Bench:
    """Hosts, truths and runs below `folder`. `tell` gets one line for each thing that is done; `cpus` is a host's part of a
    processor while it is measured, 0 that all share the machine's."""

    def __init__(
        self, contenders: Sequence[Contender], cases: Sequence[str], folder: Path, cpus: float, tell: Callable[[str], None]
    ) -> None:
        self._contenders = contenders
        self._cpus = cpus
        self._cases = [case for case in CASES if case in ("first", *cases)]  # without the first there is no other
        self._folder = folder
        self._tell = tell
        self._variables: dict[str, Any] = {}
        self._known: set[str] = set()

    def samples(self, sizes: Sequence[int], fleets: Sequence[int], rounds: int, observe: bool) -> Iterator[Sample]:
        """All of them, each as soon as it is there: the smaller ones first, so that a run that ends early has most."""
        for count in fleets:
            self._provision(count)
            for size in sizes:
                self._upload(size, count)
                for number in range(rounds + observe):
                    yield from self._round(size, count, number + 1, observed=number == rounds)

    def _balance(self, contender: Contender, wanted: Truth, count: int) -> None:
        """Tell the balancers which sites there are; nobody measures it, as they learn of sites once."""
        inventory = self._inventory(contender, wanted, contender.hosts(count))
        for playbook in ("certificate.yml", "edge.yml"):
            self._run(contender, inventory, playbook)

    def _round(self, size: int, count: int, number: int, observed: bool) -> Iterator[Sample]:
        now = Truth(size)
        for contender in self._contenders:
            self._everywhere(contender.hosts(count), contender.reset)
        for case in self._cases:
            now = CASES[case](now)
            order = self._contenders if number % 2 else list(reversed(self._contenders))
            for contender in order:
                sample = self._sample(contender, now, count, case, number, observed)
                self._tell(_line(sample))
                yield sample
                if case == "first" and contender.edge(contender.hosts(count)):
                    self._balance(contender, now, count)

    def _sample(self, contender: Contender, wanted: Truth, count: int, case: str, number: int, observed: bool) -> Sample:
        hosts = contender.hosts(count)
        inventory = self._inventory(contender, wanted, hosts)
        prepared = contender.prepared(wanted) if case == "first" else ""
        if prepared:
            self._everywhere(hosts, prepared)
        stream = self._stream(contender, hosts, wanted) if observed and case != "first" else None
        log = self._folder / "logs" / f"{contender.name}-{wanted.size}x{count}-{case}-{number}.log"
        with self._limited(contender.all_hosts(count)):
            found = meter.run(self._command(contender, inventory), contender.environment, hosts, log, observed)
        noticed = summarize(stream.stop()) if stream else Summary()
        if (found.status != 0) != (case in _REFUSED):
            raise bed.BenchFailed(f"{contender.title}, {case}: ended with status {found.status}; see {log}")
        return Sample(
            contender=contender.name,
            sites=wanted.size,
            hosts=count,
            case=case,
            round=number,
            observed=observed,
            phases_s=self._phases(contender, wanted, hosts),
            requests=noticed.requests,
            lost=noticed.failed,
            **{name: value for name, value in asdict(found).items() if name != "status"},
        )

    @contextmanager
    def _limited(self, hosts: Sequence[str]) -> Iterator[None]:
        """Slow while they are measured; nobody waits longer for what makes them ready."""
        if not self._cpus:
            yield
            return
        bed.limit(hosts, self._cpus)
        try:
            yield
        finally:
            bed.limit(hosts, 0)

    def _command(self, contender: Contender, inventory: Path) -> list[str]:
        return [meter.ansible_playbook(), "-i", str(inventory), *contender.arguments, str(contender.playbook)]

    def _inventory(self, contender: Contender, wanted: Truth, hosts: Sequence[str]) -> Path:
        edge = contender.edge(hosts)
        folder = self._truth(contender, wanted, hosts)
        contender.write(wanted, folder)
        groups = {"web": hosts, **({"edge": edge} if edge else {})}
        if edge:
            truth.write_edge(self._shared(edge), folder)
        known = {group: {"hosts": {host: self._variables[host] for host in names}} for group, names in groups.items()}
        path = folder / "hosts.json"
        path.write_text(json.dumps(known), encoding="utf-8")
        return path

    def _truth(self, contender: Contender, wanted: Truth, hosts: Sequence[str]) -> Path:
        """Its name is the environment's."""
        name = f"n{wanted.size}" + ("_balanced" if contender.edge(hosts) else "")
        return self._folder / "truth" / contender.name / name

    def _shared(self, edge: Sequence[str]) -> str:
        """The address that visitors of a balanced fleet come to: one that the test bed gives to nobody."""
        return self._variables[edge[0]]["ansible_host"].rpartition(".")[0] + _SHARED

    def _provision(self, count: int) -> None:
        for contender in self._contenders:
            hosts = contender.hosts(count)
            fresh = [host for host in hosts if host not in self._known]
            edge = contender.edge(hosts)
            if not fresh:
                continue
            self._tell(f"{contender.title}: provision {', '.join([*fresh, *edge])}")
            if edge:
                bed.down(edge)  # to balancers that know others, hosts come without visitors until they joined
            self._variables.update(bed.up([*fresh, *edge]))
            if contender.name == "evenkeel":
                self._site_yml(contender, hosts, fresh)
            self._everywhere(fresh, contender.keep)
            self._known.update(fresh)
            if edge:
                self._balance(contender, Truth(0), count)

    def _site_yml(self, contender: Contender, hosts: Sequence[str], fresh: Sequence[str]) -> None:
        inventory = self._inventory(contender, Truth(0), hosts)
        (inventory.parent / "sites").mkdir(exist_ok=True)
        for host in fresh:
            bed.on(host, "rm -rf /etc/evenkeel /var/lib/evenkeel")
        for playbook in [*(["certificate.yml"] if contender.edge(hosts) else []), "site.yml"]:
            self._run(contender, inventory, playbook)

    def _run(self, contender: Contender, inventory: Path, playbook: str) -> None:
        """One of the project's other playbooks, which nobody measures."""
        log = (self._folder / "logs" / playbook).with_suffix(".log")
        command = [meter.ansible_playbook(), "-i", str(inventory), *contender.arguments, f"playbooks/{playbook}"]
        found = meter.run(command, contender.environment, [], log)
        if found.status:
            raise bed.BenchFailed(f"playbooks/{playbook} ended with status {found.status}; see {log}")

    def _upload(self, size: int, count: int) -> None:
        """What the sites' owners have on every host; config.php is a plain file where nobody publishes it."""
        names = Truth(size).sites
        files = list(truth.content(names))
        plain = [(f"{site}/public/config.php", truth.settings(site)) for site in names if truth.is_php(site)]
        for contender in self._contenders:
            for host in contender.hosts(count):
                bed.bring(host, files if contender.name == "evenkeel" else files + plain)

    def _stream(self, contender: Contender, hosts: Sequence[str], wanted: Truth) -> Stream:
        backends = self._backends(contender, hosts, wanted)
        asked = [MISTAKEN, CHANGED, *wanted.sites[2:]][:_ASKED]
        pages = tuple(Page(site, f"{site}.example", marker=truth.page(site)) for site in asked)
        stream = Stream(Load(backends, pages, rate=_RATE * len(hosts), visitors=1), self._folder / "stream")
        stream.start()
        return stream

    def _backends(self, contender: Contender, hosts: Sequence[str], wanted: Truth) -> tuple[Backend, ...]:
        """Visitors come to the balancers where there are some, otherwise to every host."""
        edge = contender.edge(hosts)
        if not edge:
            return tuple(Backend(host, self._variables[host]["ansible_host"]) for host in hosts)
        certificate = self._truth(contender, wanted, hosts) / "certs/self-signed.pem"
        return (Backend("edge", self._shared(edge), 443, tls=True, ca=str(certificate)),)

    def _phases(self, contender: Contender, wanted: Truth, hosts: Sequence[str]) -> dict[str, float]:
        """Evenkeel's own report of the rollout: the slowest host's seconds, by phase of its engine."""
        folder = self._folder / "build" / self._truth(contender, wanted, hosts).name / "rollouts"
        reports = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        if contender.name != "evenkeel" or not reports:
            return {}
        found: dict[str, float] = {}
        for host in json.loads(reports[-1].read_text(encoding="utf-8"))["hosts"].values():
            for phase in host["phases"].values():
                for name, seconds in (phase.get("seconds") or {}).items():
                    found[name] = max(found.get(name, 0.0), seconds)
        return found

    @staticmethod
    def _everywhere(hosts: Sequence[str], script: str) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda host: bed.on(host, script), hosts))


def _line(sample: Sample) -> str:
    text = f"{sample.sites:6d} sites {sample.hosts} hosts  {sample.case:10s} {sample.contender:9s} {sample.wall_s:7.2f} s"
    if not sample.observed:
        return text
    memory = f"controller {sample.memory_mb.get('controller', 0):.0f} MB, host {sample.memory_mb.get('host_all', 0):.0f} MB"
    return f"{text}  (observed: {sample.lost} of {sample.requests} requests lost, {memory})"
