"""The command `evenkeel`: the engine by hand, for the person at 3 AM, and for this host's own units.

Each command imports what it needs, and does so before anything else: to import all takes longer than most of what is asked,
and an engine that runs may be replaced.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional

from . import signals
from .errors import EvenkeelError
from .host import Host

if TYPE_CHECKING:
    from .publisher import Publisher

Answer = tuple[int, str, dict[str, Any]]
REQUEST = "request"  # for playbooks, which send a line of JSON and maybe a payload; people have the other commands


def main(arguments: Sequence[str], host: Optional[Host] = None) -> int:
    """Run one command; 0 well, 1 something is wrong (said in one paragraph), 2 wrong usage."""
    if len(arguments) == 2 and arguments[0] == REQUEST:
        from . import request

        return request.serve(host or Host(), arguments[1], sys.stdin.buffer, sys.stdout.buffer)
    options = _parser().parse_args(list(arguments))
    signals.leave_in_order()
    os.umask(0o022)
    try:
        code, text, document = options.run(host or Host(), options)
    except (EvenkeelError, OSError) as error:
        code, text, document = 1, _sentence(error), {"error": _sentence(error)}
    _print(json.dumps(document, indent=1, sort_keys=True) if getattr(options, "json", False) else text)
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evenkeel", description="Releases of this web host: look, verify, go back.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "status", _status, "what is live, since when, and what to do next")
    _add(commands, "verify", _verify, "ask the live server every probe of the live release")
    revert = _add(commands, "revert", _revert, "go back to the known good release, or to ID; works from any state")
    revert.add_argument("release", nargs="?", metavar="ID", help="a release of `evenkeel releases`")
    _add(commands, "confirm", _confirm, "keep the release that waits for confirmation")
    releases = _add(commands, "releases", _releases, "the releases on this host, the youngest first")
    releases.add_argument("--prune", action="store_true", help="remove old ones; never current, known good, or the one before")
    probes = _add(commands, "probes", _probes, "what is asked of SITE: derived, its own, and learned from its visitors")
    probes.add_argument("site", metavar="SITE", help="the folder name of a site")
    _add(commands, "drift", _drift, "what differs on this host from what Evenkeel and Debian wrote, as a diff")
    _add(commands, "deadline", _deadline, "for evenkeel-deadline.service: revert what nobody confirmed in time")
    _add(commands, "recover", _recover, "for evenkeel-recover.service: settle what a power cut left")
    _add(commands, "answer", _answer, "for evenkeel-answer.service: tell a rollout's other hosts that it was confirmed")
    _add(commands, "return", _return, "for evenkeel-return.service: send visitors again to hosts whose rollout has died")
    _add(commands, "metrics", _metrics, "for evenkeel-metrics.service: tell node_exporter about this host, where it is watched")
    _add(commands, "relay", _relay, "for the key of those who watch: speak to evenkeel-watched.socket, and to nobody else")
    _add(commands, "watched", _watched, "for evenkeel-watched@.service: say how the last rollout fares, or take it back")
    _add(commands, "wake", _wake, "for evenkeel-wake.service: wake PHP pools that sleep while somebody waits at their sockets")
    twin = _add(commands, "twin", _twin, "for evenkeel-twin@.service: run a candidate inside the unit's sandbox")
    twin.add_argument("release", metavar="ID")
    return parser


def _add(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print one JSON document for machines")
    parser.set_defaults(run=run)
    return parser


def _publisher(host: Host) -> Publisher:
    import getpass

    from .journal import Author
    from .publisher import Publisher

    return Publisher(host, Author(rollout="by hand", actor=os.environ.get("SUDO_USER") or getpass.getuser()))


def _status(host: Host, options: argparse.Namespace) -> Answer:
    from . import status

    document = status.gather(host)
    return 0 if status.healthy(document) else 1, status.describe(document), document


def _verify(host: Host, options: argparse.Namespace) -> Answer:
    from . import status
    from .store import Store

    current = Store(host).current_id()
    failures = status.wrong_answers(host)
    document = {"release": current, "failures": failures}
    if failures:
        return 1, "Release %s does not answer as it must:\n  %s" % (current, "\n  ".join(failures)), document
    return 0, "Release %s answers every probe of every site." % current, document


def _revert(host: Host, options: argparse.Namespace) -> Answer:
    from .outcome import REVERT_FAILED

    result = _publisher(host).reverted(options.release, "by hand")
    return int(result.outcome == REVERT_FAILED), result.message, result.document()


def _confirm(host: Host, options: argparse.Namespace) -> Answer:
    from . import status

    publisher = _publisher(host)
    pending = status.gather(host)["pending"]
    if pending is None:
        return 0, "Nothing waits for confirmation.", {"changed": False}
    result = publisher.confirmed(pending["release"])
    return 0, result.message, result.document()


def _releases(host: Host, options: argparse.Namespace) -> Answer:
    from . import status

    removed = _publisher(host).prune() if options.prune else []
    document = status.gather(host)
    lines = ["%(id)s  %(staged)s  %(verdict)s" % release + _marks(document, release["id"]) for release in document["releases"]]
    lines += ["removed %s" % name for name in removed]
    return 0, "\n".join(lines) or "No release yet.", {"releases": document["releases"], "removed": removed}


def _probes(host: Host, options: argparse.Namespace) -> Answer:
    from . import probe_list

    document = probe_list.gather(host, options.site)
    return 0, probe_list.describe(document), document


def _marks(document: dict[str, Any], release_id: str) -> str:
    marks = [name for name in ("current", "known_good") if document[name] == release_id]
    return "  " + ", ".join(marks).replace("_", " ") if marks else ""


def _drift(host: Host, options: argparse.Namespace) -> Answer:
    from . import drift_look

    found = drift_look.look(host)
    drift_look.remember(host, found)
    text = drift_look.text(host, found) or "Nothing differs from what was written."
    return int(bool(found.found)), text, found.document()


def _deadline(host: Host, options: argparse.Namespace) -> Answer:
    from .outcome import REVERT_FAILED

    result = _publisher(host).overdue()
    if result is None:
        return 0, "Nothing is to be taken back.", {"changed": False}
    return int(result.outcome == REVERT_FAILED), result.message, result.document()


def _recover(host: Host, options: argparse.Namespace) -> Answer:
    from . import balancer

    release = _publisher(host).recovered()
    with contextlib.suppress(OSError):  # a balancer boots all the same
        balancer.at_boot(host)
    return 0, "Release %s is current." % release if release else "No release yet.", {"current": release}


def _answer(host: Host, options: argparse.Namespace) -> Answer:
    from . import peers

    peers.serve(host)
    return 0, "", {}


def _return(host: Host, options: argparse.Namespace) -> Answer:
    from . import balancer

    balancer.serve(host)
    return 0, "", {}


def _metrics(host: Host, options: argparse.Namespace) -> Answer:
    from . import metrics_file

    return 0, "", {"written": metrics_file.write(host)}


def _relay(host: Host, options: argparse.Namespace) -> Answer:
    from . import relay

    return relay.connect(host.paths.at(relay.SOCKET)), "", {}


def _watched(host: Host, options: argparse.Namespace) -> Answer:
    from . import watched

    return watched.serve(host, sys.stdin.buffer, sys.stdout.buffer), "", {}


def _wake(host: Host, options: argparse.Namespace) -> Answer:
    from . import php_wake

    php_wake.serve(host)
    return 0, "", {}


def _twin(host: Host, options: argparse.Namespace) -> Answer:
    from . import twin_main

    return twin_main.main(host.paths, options.release), "", {}


def _sentence(error: BaseException) -> str:
    if isinstance(error, PermissionError) and os.geteuid() != 0:
        return "%s: only root may do this; try: sudo evenkeel ..." % error.filename
    return str(error)


def _print(text: str) -> None:
    if text:
        stream = sys.stdout
        stream.write(text + "\n")
        stream.flush()
