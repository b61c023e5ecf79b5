"""What a person is told on the host."""

from __future__ import annotations

import json
import time
from typing import Any

from . import files, rounds
from .config import Config, Paths


def document(config: Config, paths: Paths) -> dict[str, Any]:
    """All that is known, for machines."""
    now = time.time()
    run = files.read(paths.run_state)
    states = {site.name: files.read(paths.state(site.name)) for site in config.copied}
    return {
        "host": config.host,
        "origin": config.origin,
        "epoch": config.epoch,
        "ready": not rounds.doubts_of(config, paths, now),
        "doubts": rounds.doubts_of(config, paths, now),
        "message": run.get("message", ""),
        "away_since": run.get("away_since"),
        "shared": [site.name for site in config.shared],
        "kept": sorted({str(state["kept"]) for state in states.values() if state.get("kept")}),
        "sites": {
            copy.site: {"lag_s": copy.lag_s(now), "outcome": copy.outcome, "message": copy.message, "bytes": copy.bytes}
            for copy in rounds.copies(config, paths, now)
        },
    }


def text(told: dict[str, Any]) -> str:
    """The same for a person: one line a site, then what is to be done."""
    head = "%s: %s" % (told["host"], "the origin" if told["host"] == told["origin"] else "copies from " + told["origin"])
    lines = [head, *(_line(name, site) for name, site in sorted(told["sites"].items()))]
    lines += ["%s: on a shared file system" % name for name in told["shared"]]
    lines += ["kept aside: %s" % folder for folder in told["kept"]]
    lines += ["the origin does not answer: " + told["message"]] if told["away_since"] else []
    return "\n".join([*lines, "ready" if told["ready"] else "not ready: " + "; ".join(told["doubts"])])


def as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, sort_keys=True)


def _line(name: str, site: dict[str, Any]) -> str:
    lag = "never copied" if site["lag_s"] is None else "%d s behind" % site["lag_s"]
    return "%s: %s%s" % (name, lag, ", " + site["message"] if site["message"] else "")
