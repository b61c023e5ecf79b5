"""What happens to a fleet's machines while visitors come: they die, and others are added."""

from __future__ import annotations

import time

from . import show
from .client import Visit, read
from .client.record import GOOD, first_answers_s, silence_s, summarize
from .evening import ADD_BACKUP, PREPARE, Evening
from .fleet import NEWCOMER, WEB, testbed
from .pages import RATES
from .plot import Ending, Plot
from .power import cut, cut_balancer
from .result import ADDED, CARRIED, SURVIVED

WATCH_S = 6  # how long visitors are watched after a machine died
TAKEOVER_S = 1.0
FAILOVER_S = 2.0


def host_dies(evening: Evening) -> Ending:
    began = time.time()
    outage = cut(("web1",))
    show.say("power", "web1 has none; the balancers ask the others")
    time.sleep(WATCH_S)
    visits = since(evening, began)
    slowest = summarize(visits).slowest_ms / 1000
    doubts = restored(evening, "web1")
    message = f"web1 died; the slowest of {len(visits)} requests meanwhile took {slowest:.1f} s. {came_back('web1', doubts)}"
    return Ending(SURVIVED, message, doubts, (outage,))


def balancer_dies(evening: Evening) -> Ending:
    holder = evening.fleet.holder()
    began = time.time()
    outage = cut_balancer(holder)
    show.say("power", f"{holder}, which had the shared address, has none; the other one takes the address")
    time.sleep(WATCH_S)
    gap = silence_s(since(evening, began - 1), began - 1)
    testbed("start", holder)
    gone = evening.await_rotation(WEB, f"{holder} starts and stands by, knowing all hosts")
    long = [f"the gap was {gap:.2f} s, more than {TAKEOVER_S:.0f} s"] if gap > TAKEOVER_S else []
    message = f"{holder} died; for {gap:.2f} s nobody got an answer, then the other balancer had the address."
    return Ending(SURVIVED, message, (*long, *gone), (outage,))


def server_added(evening: Evening) -> Ending:
    show.say("hosts", f"Start {NEWCOMER}, a bare Debian host, and write its name under web_backup in hosts.yml")
    evening.fleet.up(NEWCOMER)
    evening.truth.add_host("web_backup", NEWCOMER)
    content = evening.controller.play(PREPARE, "--limit", f"db1,{NEWCOMER}", quiet=True)
    run = evening.controller.play(ADD_BACKUP, "--limit", NEWCOMER)
    if content.process.returncode or run.process.returncode:
        return Ending("not added", run.last_words())
    doubts = tuple(f"{host} is not in rotation" for host in evening.missing([NEWCOMER]))
    return Ending(ADDED, f"{NEWCOMER} serves every site and stands by, for both balancers.", doubts)


def all_active_hosts_die(evening: Evening) -> Ending:
    began = time.time()
    outage = cut(WEB)
    show.say("power", f"{' and '.join(WEB)} have none; only the backups are left")
    time.sleep(WATCH_S)
    visits = since(evening, began)
    waited = first_answers_s(visits, outage.end)
    carriers = sorted({visit.server for visit in visits if visit.at > outage.end + FAILOVER_S and visit.outcome == GOOD} - {""})
    doubts = slow_sites(waited) + strangers(evening, carriers) + restored(evening, *WEB)
    message = (
        f"{' and '.join(WEB)} died; {' and '.join(carriers)} answered for all {len(waited)} sites, the last of them "
        f"{max(waited.values(), default=0):.1f} s later. {came_back(' and '.join(WEB), doubts)}"
    )
    return Ending(CARRIED, message, doubts, (outage,))


def slow_sites(waited: dict[str, float]) -> tuple[str, ...]:
    late = {site: seconds for site, seconds in waited.items() if seconds > FAILOVER_S}
    missing = {site: float("inf") for site in RATES.keys() - waited.keys()}
    return tuple(f"{site} was answered after {seconds:.1f} s" for site, seconds in sorted({**late, **missing}.items()))


def strangers(evening: Evening, carriers: list[str]) -> tuple[str, ...]:
    """Every backup should have carried its share, and nobody else can have."""
    backups = sorted(evening.truth.members("web_backup"))
    return () if carriers == backups else (f"{carriers} answered, instead of {backups}",)


def restored(evening: Evening, *hosts: str) -> tuple[str, ...]:
    """Give the hosts their power back; what is said of whoever is not in rotation afterwards."""
    testbed("start", *hosts)
    return evening.await_rotation(hosts, f"{' and '.join(hosts)} start, pass the checks and get visitors again")


def came_back(hosts: str, doubts: tuple[str, ...]) -> str:
    return "" if doubts else f"With power, {hosts} came back into rotation."


def since(evening: Evening, began: float) -> list[Visit]:
    """What visitors have met since then, as far as it is written down."""
    assert evening.stream is not None
    return [visit for visit in read(evening.stream.record) if visit.at >= began]


PLOTS = (
    Plot("a host dies", "web1 loses its power while visitors come.", SURVIVED, host_dies),
    Plot("a balancer dies", "The balancer that has the shared address loses its power.", SURVIVED, balancer_dies),
    Plot("a server is added", "One more backup: a line in the inventory, and one command.", ADDED, server_added),
    Plot("all active hosts die", "web1 and web2 lose their power at the same moment.", CARRIED, all_active_hosts_die),
)
