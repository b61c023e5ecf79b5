"""Copies one site from the origin, in a unit that sees no other tenant's home."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

from . import files, guard, listing, protect, rsync, tree
from .config import Config, Paths, Site
from .errors import ContentError
from .lag import FAILED, OK, REFUSED


class Refused(ContentError):
    """The origin lost most of the site, and nobody accepted that."""

    def __init__(self, text: str, here: guard.Totals, there: guard.Totals) -> None:
        super().__init__(text)
        self.here = here
        self.there = there


def pull(config: Config, paths: Paths, site: Site) -> int:
    """Exit status 0: the copy is what the origin had; the site's state says all of it. `epoch` is that of the last success."""
    before = files.read(paths.state(site.name))
    started = time.time()
    told: dict[str, Any] = {name: before[name] for name in ("success_at", "epoch", "kept", "bytes") if name in before}
    try:
        told.update(_pulled(config, paths, site, files.read(paths.job(site.name))))
        told.update(success_at=started, epoch=config.epoch, outcome=OK, message="")
    except Refused as refusal:
        told.update(outcome=REFUSED, message=str(refusal), here=refusal.here.as_dict(), there=refusal.there.as_dict())
    except ContentError as error:
        told.update(outcome=FAILED, message=str(error))
    files.write(paths.state(site.name), {**told, "tried_at": started, "seconds": round(time.time() - started, 1)})
    return 0 if told["outcome"] == OK else 1


def _pulled(config: Config, paths: Paths, site: Site, job: dict[str, Any]) -> dict[str, Any]:
    if not os.path.isdir(site.home):
        raise ContentError("%s is not there yet; a push, or playbooks/site.yml, makes the homes of sites" % site.home)
    settings = [str(path) for path in job.get("settings", ())]
    patterns = protect.excludes(site, settings)
    planned = listing.parse(rsync.run(rsync.plan(config, paths, site, patterns)))
    here = tree.totals(site, settings)
    bounds = _aside(site) if job.get("aside") else _guarded(config, site, here, planned, job.get("accepted"))
    copied = listing.parse(rsync.run(rsync.copy(config, paths, site, patterns, bounds)))
    _copy_links(config, paths, site, planned)
    return {**planned.origin.as_dict(), "sent": copied.sent, "kept": _kept(site)}


def _guarded(config: Config, site: Site, here: guard.Totals, planned: listing.Listing, accepted: Any) -> list[str]:
    """rsync's own bound on deletions, too: the origin may lose the site between plan and copy."""
    lost = guard.loss(here, planned.origin, config.mass_loss_percent)
    known = guard.totals_from(accepted)
    if lost and (known is None or guard.loss(known, planned.origin, config.mass_loss_percent)):
        told = "The origin lost %s of %s; the copy is kept. If that is meant: evenkeel-content accept %s"
        raise Refused(told % (lost, site.name, site.name), here, planned.origin)
    return [] if lost else ["--max-delete=%d" % guard.deletions_allowed(here, planned.deletions, config.mass_loss_percent)]


def _aside(site: Site) -> Sequence[str]:
    """The first copy from another origin: what is replaced or deleted may be what nobody else has, so it goes aside."""
    folder = os.path.join(site.home, tree.KEPT)
    if not os.path.isdir(folder):
        os.mkdir(folder, 0o700)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return ["--backup", "--backup-dir=%s" % os.path.join(folder, stamp)]


def _kept(site: Site) -> str:
    folder = os.path.join(site.home, tree.KEPT)
    return folder if tree.count(folder) else ""


def _copy_links(config: Config, paths: Paths, site: Site, planned: listing.Listing) -> None:
    names = b"".join(listing.unescaped(name) + b"\0" for name in planned.links)
    if names:
        rsync.run(rsync.links(config, paths, site), names)
