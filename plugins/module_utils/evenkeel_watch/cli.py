"""The command `evenkeel-watch`: one round of the watch, the status page, and the links of customers."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from . import config, memory, page_config, publish, rounds, tokens
from .errors import WatchError
from .hosts import Ssh
from .prometheus import Prometheus


def main(arguments: Sequence[str] | None = None) -> int:
    """0 well; 1 something kept it from working, said in one sentence."""
    options = _parser().parse_args(arguments)
    try:
        {"round": _round, "page": _page, "links": _links, "status": _status}[options.command]()
    except (WatchError, OSError) as error:
        print("evenkeel-watch: %s" % error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evenkeel-watch", description="Watches rollouts after their confirm.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("status", help="what it makes of the last rollouts")
    commands.add_parser("links", help="the address of each site's status page, to be given to its customer alone")
    commands.add_parser("round", help="for evenkeel-watch.service: look at the last rollouts once")
    commands.add_parser("page", help="for evenkeel-status-page.service: make the status page and bring it to the balancers")
    return parser


def _round() -> None:
    known = config.load()
    for line in rounds.run(known, Prometheus(known.prometheus), Ssh(known.ssh_config)):
        print(line)


def _status() -> None:
    cases = memory.load(config.load().state / rounds.MEMORY)
    for name, case in sorted(cases.items()):
        print("%s  %s  %s" % (name, case.state, case.text))
    print("" if cases else "No rollout is in its bake time.")


def _page() -> None:
    known, wanted = config.load(), page_config.load()
    for line in publish.run(known, wanted, Prometheus(known.prometheus), Ssh(known.ssh_config), time.time()):
        print(line)


def _links() -> None:
    wanted = page_config.load()
    for site in sorted(wanted.sites):
        print("%s  https://%s/site/%s.html" % (site, wanted.name, tokens.token(wanted.secret, site)))
