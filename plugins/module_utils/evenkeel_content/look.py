"""First half of a run, as a user who may read and change nothing: which sites differ from the origin."""

from __future__ import annotations

import time
from collections.abc import Iterable

from . import files, listing, rsync
from .config import Config, Paths, Site
from .errors import ContentError, OriginAway

EVERY = "*"  # stands for all sites, where rsync could not say which


def look(config: Config, paths: Paths) -> None:
    """Writes `{at, away, message, changed}`; `changed` is a list of sites."""
    at = time.time()
    answer = {"at": at, "away": False, "message": "", "changed": [], "epoch": config.epoch}
    try:
        answer["changed"] = [] if config.is_origin else changed(config, paths)
    except OriginAway as error:
        answer.update(away=True, message=str(error))
    except ContentError as error:
        answer.update(changed=[EVERY], message=str(error))
    files.write(paths.look, answer)


def changed(config: Config, paths: Paths) -> list[str]:
    """Sites with a difference that is not the engine's."""
    found = listing.parse(rsync.run(rsync.look(config, paths, [site.name for site in config.shared])))
    differs = listing.by_site(found.changes)
    return [site.name for site in config.copied if _differs(paths, site, differs.get(site.name, ()))]


def _differs(paths: Paths, site: Site, changes: Iterable[listing.Change]) -> bool:
    root = site.document_root[len(site.home) + 1 :] + "/"
    ours = {root + str(path) for path in files.read(paths.job(site.name)).get("settings", ())}
    return any(
        not change.is_settings_link and change.path not in ours and not change.path.endswith(".evenkeel") for change in changes
    )
