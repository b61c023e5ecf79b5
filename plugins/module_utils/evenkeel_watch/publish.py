"""Makes the status page anew and brings it to every balancer, which shows its copy whatever becomes of this host."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from . import history, incidents, page_model, tokens
from .config import Config
from .errors import Silent, WatchError
from .going_back import Fleet
from .history import Asked
from .page_config import PageConfig
from .page_html import Printer

HISTORY, PUBLISHED = "history", "/etc/evenkeel/watch/incidents"
_SEND_S = 60.0
_LATEST = 'min by (site) (probe_success{job="site"})'


def run(config: Config, wanted: PageConfig, asked: Asked, fleet: Fleet, now: float) -> list[str]:
    """What is worth a line in the log. Silent when no balancer has the page now; the last copy is shown on."""
    known, answers = _learnt(config.state / HISTORY, wanted, asked, now)
    published, problems = incidents.load(Path(PUBLISHED))
    packed = pack(pages(wanted, known, answers, published, now))
    sent = [said for balancer in config.balancers if (said := _sent(fleet, balancer, packed))]
    if sent and len(sent) == len(config.balancers):
        raise Silent("; ".join(sent))
    return problems + sent


def _learnt(folder: Path, wanted: PageConfig, asked: Asked, now: float) -> tuple[history.History, dict[str, bool]]:
    """A Prometheus that does not answer makes a page that says so: nothing is known of now."""
    known = history.load(folder, now)
    try:
        changed = known.catch_up(asked, now, wanted.interval_s)
        history.save(folder, known, changed, now)
        return known, {one.labels.get("site", ""): one.value > 0 for one in asked.query(_LATEST, now)}
    except Silent:
        return known, {}


def pages(
    wanted: PageConfig, known: history.History, answers: Mapping[str, bool], published: list[incidents.Incident], now: float
) -> dict[str, bytes]:
    """Every page by its path. Without a secret there are none for customers: their addresses could be guessed."""
    printer = Printer()
    found = {"index.html": printer.html(page_model.public(wanted, known, answers, published, now))}
    for site in wanted.sites if wanted.secret else ():
        page = page_model.of_site(site, wanted, known, answers, published, now)
        found["site/%s.html" % tokens.token(wanted.secret, site)] = printer.html(page)
    return found


def pack(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=stream, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def _sent(fleet: Fleet, balancer: str, packed: bytes) -> str:
    """Empty when it arrived."""
    try:
        fleet.ask(balancer, {"ask": "page"}, _SEND_S, packed)
    except WatchError as error:
        return str(error)
    return ""
