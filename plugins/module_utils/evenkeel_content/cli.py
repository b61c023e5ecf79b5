"""The command `evenkeel-content`: for people, for playbooks, and for its own units."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Optional

from . import config, deploy, files, guard, lag, look, pull, report, rounds, serve
from .config import Config, Paths
from .errors import ContentError

PEOPLE = {
    "status": "what every site's copy is worth",
    "ready": "exit status 0 when this host may get visitors, else 1 and why",
    "run": "copy now, and wait until that is done",
    "accept": "copy a site although its origin lost most of it",
}


def main(argv: Optional[Sequence[str]] = None) -> int:
    options = parser().parse_args(argv)
    paths = Paths()
    try:
        if options.command == "serve":
            return serve.serve(os.environ.get("SSH_ORIGINAL_COMMAND", ""), paths.socket)
        return act(options, config.load(paths.config), paths)
    except (ContentError, OSError) as error:
        print("evenkeel-content: %s" % error, file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="evenkeel-content", description="The sites' files on this host.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, told in PEOPLE.items():
        one = commands.add_parser(name, help=told, description=told.capitalize() + ".")
        if name == "accept":
            one.add_argument("site")
        if name == "status":
            one.add_argument("--json", action="store_true")
    for name in ("prepare", "look", "fetch", "serve"):
        commands.add_parser(name)
    for name in ("pull", "deploy"):
        commands.add_parser(name).add_argument("site")
    return top


def act(options: argparse.Namespace, known: Config, paths: Paths) -> int:
    """Exit status of a command."""
    if options.command in ("pull", "deploy", "accept"):
        site = known.site(options.site)
        return {"pull": lambda: pull.pull(known, paths, site), "deploy": lambda: _deploy(paths, site.name, known),
                "accept": lambda: _accept(paths, site.name)}[options.command]()  # fmt: skip
    if options.command == "status":
        told = report.document(known, paths)
        print(report.as_json(told) if options.json else report.text(told))
        return 0 if told["ready"] else 1
    if options.command == "ready":
        return _said(rounds.doubts_of(known, paths, time.time()))
    if options.command == "run":
        subprocess.run(["systemctl", "start", "evenkeel-content.service"], check=False)
        return _said(rounds.doubts_of(known, paths, time.time()))
    {"prepare": rounds.prepare, "look": look.look, "fetch": rounds.fetch}[options.command](known, paths)
    return 0


def _said(doubts: Sequence[str]) -> int:
    for doubt in doubts:
        print(doubt)
    return 1 if doubts else 0


def _deploy(paths: Paths, name: str, known: Config) -> int:
    try:
        gone = deploy.deploy(paths, known.site(name))
    except (ContentError, OSError) as error:
        files.write(paths.released(name), {"why": str(error)})
        raise
    print("released %s; %d files of the release before are gone" % (name, gone))
    return 0


def _accept(paths: Paths, name: str) -> int:
    state = files.read(paths.state(name))
    there = guard.totals_from(state.get("there"))
    if state.get("outcome") != lag.REFUSED or there is None:
        raise ContentError("Nothing of %s was refused" % name)
    files.write(paths.accepted(name), {**there.as_dict(), "at": time.time()})
    print("%s will be copied by the next run, unless its origin lost more since; now: evenkeel-content run" % name)
    return 0
