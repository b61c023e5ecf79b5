"""Runs on a test host: tries one release after another with the engine itself, over one connection.

Reads one JSON document a line, answers with one. It is started with the engine's package beside it.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from evenkeel import archive, cli, outcome
from evenkeel.engine import Engine
from evenkeel.errors import ActivationFailed, CandidateRejected, EvenkeelError, ForeignFile, InvalidRelease, RevertFailed
from evenkeel.host import Host
from evenkeel.journal import Author
from evenkeel.store import Store

FOLDER = "/root/faults"
LIMIT_S = 150
BROKEN = "broken"
OUTCOMES = {  # by what the engine raises; anything else is trouble of the host, and nobody refused anything
    CandidateRejected: outcome.REJECTED,
    InvalidRelease: outcome.REJECTED,
    ForeignFile: outcome.REJECTED,
    ActivationFailed: outcome.REVERTED,
    RevertFailed: outcome.REVERT_FAILED,
}
BAD = (*OUTCOMES.values(), BROKEN)
PLAIN = """Define EVENKEEL_LISTEN 80
Define EVENKEEL_PORT 80
Include /etc/evenkeel/current/apache2/apache2.conf
"""
PLAIN_TESTS = {
    "web": ". /etc/apache2/envvars && exec apache2 -t -f %s/plain.conf" % FOLDER,
    "edge": "set -a && . /etc/default/haproxy && exec haproxy -c -f $CONFIG -f /etc/evenkeel/current/haproxy/haproxy.cfg",
}
UNDO: list[Callable[[], None]] = []


class TooLong(Exception):
    """The engine did not come back in time."""


def base(order: dict[str, Any]) -> dict[str, Any]:
    """Make the healthy release live and known good."""
    if Store(Host()).current_id() == order["id"]:
        return {"outcome": "unchanged", "message": ""}
    steps = [prove(order), *([] if order.get("staged_only") else [live(order), confirm(order)])]
    return next((step for step in steps if step["outcome"] in BAD), steps[-1])


def stage(order: dict[str, Any]) -> dict[str, Any]:
    """Bring the healthy release. `anew`: as the first of its host, because nobody would let it take another one's place."""
    if order["anew"] and Store(Host()).current_id() != order["id"]:
        for link in ("current", "known-good"):
            os.unlink("/etc/evenkeel/" + link)
    return asked(lambda engine: engine.staged(order["id"], payload(order)))


def attempt(order: dict[str, Any]) -> dict[str, Any]:
    """Prove a release, and make it live where the proof allows it; `back` ends it."""
    UNDO.extend(edit(each) for each in order["on_host"])
    found = prove(order)
    found["plain"] = plain(order["id"])
    if found["outcome"] == outcome.PROVED:
        found = {**found, **live(order)}
        if found["outcome"] == outcome.LIVE:
            time.sleep(order["live_s"])
    return found


def back(order: dict[str, Any]) -> dict[str, Any]:
    """The host as it was, with the healthy release live; what was tried is forgotten."""
    while UNDO:
        UNDO.pop()()
    found = settle(order["base"])
    heal()
    for name in order["tried"]:
        forget(name)
    return found


def prove(order: dict[str, Any]) -> dict[str, Any]:
    return asked(lambda engine: engine.proved(order["id"], payload(order), (), False))


def live(order: dict[str, Any]) -> dict[str, Any]:
    return asked(lambda engine: engine.live(order["id"], 300))


def confirm(order: dict[str, Any]) -> dict[str, Any]:
    return asked(lambda engine: engine.confirmed(order["id"]))


def asked(work: Callable[[Engine], Any]) -> dict[str, Any]:
    """The outcome as data, whatever happens."""
    signal.alarm(LIMIT_S)
    try:
        return dict(work(Engine(Host(), Author("faults"))).document())
    except (EvenkeelError, OSError, TooLong) as error:
        name = next((name for kind, name in OUTCOMES.items() if isinstance(error, kind)), BROKEN)
        return {"outcome": name, "message": "%s" % error, "error": type(error).__name__}
    finally:
        signal.alarm(0)


def payload(order: dict[str, Any]) -> str:
    path = os.path.join(FOLDER, "payload.tar.gz")
    with open(path, "wb") as stream:
        stream.write(base64.b64decode(order["payload"]))
    return path


def plain(release: str) -> bool:
    """What the configtest of this kind of host says of the release by itself: True when it is content."""
    current = os.path.realpath("/etc/evenkeel/current")
    candidate = "/etc/evenkeel/releases/" + release
    if not os.path.isdir(candidate):
        return True
    with open(os.path.join(FOLDER, "plain.conf"), "w") as stream:
        stream.write(PLAIN)
    tier = "edge" if os.path.exists(candidate + "/haproxy") else "web"
    script = "mount --bind %s %s && %s" % (candidate, current, PLAIN_TESTS[tier])
    return subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, check=False).returncode == 0


def settle(healthy: str) -> dict[str, Any]:
    """The healthy release is live again; on a busy host its answers may be late, so it is asked once more."""
    if Store(Host()).current_id() == healthy:
        return {"outcome": outcome.UNCHANGED, "message": ""}
    found = asked(lambda engine: engine.reverted(healthy, "the fault was tried"))
    if found["outcome"] != outcome.REVERTED:
        found = asked(lambda engine: engine.reverted(healthy, "the fault was tried"))
    return found


def heal() -> None:
    """Folders have the rights of the healthy release again, whatever a fault did to them."""
    folders = "/etc/evenkeel/current/tmpfiles.d/evenkeel.conf"
    if os.path.exists(folders):
        subprocess.run(["systemd-tmpfiles", "--create", folders], check=False)


def forget(release: str) -> None:
    """A release that was tried is of no further use; it must not be the one that is live."""
    if Store(Host()).current_id() != release:
        shutil.rmtree("/etc/evenkeel/releases/" + release, ignore_errors=True)


def edit(what: dict[str, Any]) -> Callable[[], None]:
    """Do what a release cannot hold; returns the way back."""
    verb, path = what["verb"], "/" + str(what.get("path", "")).lstrip("/")
    if verb == "occupy_port":
        return occupied(int(what["port"]))
    aside = path + ".faults-aside"
    if os.path.lexists(path):
        os.rename(path, aside)
    if verb == "mkfifo":
        os.mkfifo(path, 0o666)
    elif verb == "mkdir":
        os.makedirs(path)
    elif verb == "symlink":
        os.symlink(what["symlink"], path)
    elif verb == "write":
        with open(path, "w") as stream:
            stream.write(what["write"])
    elif verb == "rename":
        os.rename(aside, os.path.join(os.path.dirname(path), what["rename"]))
    elif verb != "remove":
        raise ValueError("the host cannot %s" % verb)

    def back() -> None:
        if verb == "rename":
            os.rename(os.path.join(os.path.dirname(path), what["rename"]), aside)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)
        if os.path.lexists(aside):
            os.rename(aside, path)

    return back


def occupied(port: int) -> Callable[[], None]:
    """Another program on a port; one that is the live Apache's own is taken already."""
    holder = socket.socket()
    try:
        holder.bind(("127.0.0.1", port))
        holder.listen(5)
    except OSError:
        pass
    return holder.close


def install() -> None:
    """The host's engine and its units are those of this checkout."""
    archive.install(Host(), archive.sources(cli))
    shutil.copy(os.path.join(FOLDER, "evenkeel-twin@.service"), "/etc/systemd/system/")
    balancer = "/etc/systemd/system/evenkeel-twin@.service.d/haproxy.conf"
    if os.path.exists(balancer):
        shutil.copy(os.path.join(FOLDER, "twin.conf"), balancer)
    subprocess.run(["systemctl", "daemon-reload"], check=True)


def late(number: int, frame: object) -> None:
    raise TooLong("the engine did not come back within %d s" % LIMIT_S)


def main() -> None:
    signal.signal(signal.SIGALRM, late)
    os.umask(0o022)
    install()
    orders = {"base": base, "stage": stage, "attempt": attempt, "back": back}
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            found = orders[order["order"]](order)
        except Exception:  # one fault must not end the run; the trace is its result
            found = {"outcome": "broken", "message": traceback.format_exc()}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
