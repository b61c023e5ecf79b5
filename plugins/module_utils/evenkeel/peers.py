"""What the hosts of a rollout tell each other when nobody else does: whether it was confirmed.

A controller that dies between two confirmations leaves hosts that know the end and hosts that wait for it. Who waits asks the
others at its deadline; one that confirmed says so, and nothing else is ever answered. No answer means: revert.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Optional

from . import state
from .errors import InvalidState
from .host import Host
from .state import Decided, Pending
from .store import Store

PORT = 8405
UNIT = "evenkeel-answer.service"
YES, NO = "confirmed", "no"
_PATIENCE_S = 2.0
_IDLE_S = 5.0
_LONGEST = 512
_SANDBOX = (
    "CapabilityBoundingSet=",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "MemoryMax=64M",
    "TasksMax=16",
    "Restart=on-failure",
)


def decided_by(pending: Pending, port: int = PORT) -> str:
    """The address of a host that confirmed this very rollout; empty when nobody says so in time."""
    said: dict[str, str] = {}
    asking = [threading.Thread(target=_ask, args=(peer, port, pending, said), daemon=True) for peer in pending.peers]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(_PATIENCE_S)
    return next((peer for peer, answer in sorted(said.items()) if answer == "%s %s" % (YES, pending.release)), "")


def _ask(peer: str, port: int, pending: Pending, said: dict[str, str]) -> None:
    with contextlib.suppress(OSError), socket.create_connection((peer, port), _PATIENCE_S) as line:
        line.settimeout(_PATIENCE_S)
        line.sendall(pending.rollout.encode() + b"\n")
        said[peer] = _line(line)


def answer(host: Host, caller: str, rollout: str) -> str:
    """What this host says to `caller`, an address: whether it confirmed `rollout`, and only to that rollout's hosts."""
    try:
        decided = _decided(host)
    except InvalidState:
        return NO
    if decided is None or decided.rollout != rollout or host.clock.now() > decided.until:
        return NO
    caller = _plain(caller)
    trusted = ipaddress.ip_address(caller).is_loopback or caller in _addresses(decided.peers)
    return "%s %s" % (YES, decided.release) if trusted else NO


def _decided(host: Host) -> Optional[Decided]:
    """A release is known good before the state says so; a host that died in between has confirmed all the same."""
    pending = state.load(host)
    if pending is None:
        return state.load_decided(host)
    return state.decided(host, pending) if Store(host).known_good_id() == pending.release else None


def serve(host: Host, port: int = PORT) -> None:
    """Answer the hosts of the last rollout, one after another, until none of them can have a question any more."""
    with _listening(port) as listener:
        listener.settimeout(_IDLE_S)
        while _needed(host):
            with contextlib.suppress(OSError):
                line, caller = listener.accept()
                with line:
                    line.settimeout(_PATIENCE_S / 4)  # one that says nothing must not keep the others from asking
                    line.sendall(answer(host, str(caller[0]), _line(line)).encode() + b"\n")


def start(host: Host) -> None:
    """Have somebody answer from now on. What fails here costs no more than an answer."""
    host.disk.step("systemd-run", UNIT)
    sandbox = ["--property=" + each for each in _SANDBOX]
    host.programs.run(["systemd-run", "--quiet", "--collect", "--unit=" + UNIT, *sandbox, host.paths.command, "answer"])


def _needed(host: Host) -> bool:
    try:
        decided = state.load_decided(host)
        return state.load(host) is not None or (decided is not None and host.clock.now() <= decided.until)
    except InvalidState:
        return False


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    with socket.create_server(("", port), family=family, dualstack_ipv6=both) as listener:
        yield listener


def _line(line: socket.socket) -> str:
    """One line, or what came of it; never more than a question can be long."""
    said = b""
    while b"\n" not in said and len(said) < _LONGEST:
        part = line.recv(_LONGEST)
        if not part:
            break
        said += part
    return said.split(b"\n")[0].decode("utf-8", "replace").strip()


def _addresses(names: Sequence[str]) -> set[str]:
    found = set()
    for name in names:
        with contextlib.suppress(OSError):
            found |= {_plain(str(entry[4][0])) for entry in socket.getaddrinfo(name, None)}
    return found


def _plain(text: str) -> str:
    """An address as one spells it: a listener for both families sees IPv4 callers as ::ffff:192.0.2.1."""
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
