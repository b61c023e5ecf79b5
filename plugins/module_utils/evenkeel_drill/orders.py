"""What a host is told to do for a fault, and to undo it: commands as lists. Pure.

Every fault is undone by starting one unit, `evenkeel-drill.service`: the drill does it, a person can, and a timer does it when
nobody comes. What a fault changes is gone after a boot, too.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

UNIT = "evenkeel-drill"
ROOM = "/run/evenkeel-drill"

Argv = list[str]

# The engine's memory on a disk of its own, copied under the engine's lock, then filled to the last byte.
_FILL = f"""
mkdir -p {ROOM}/disk
exec flock --timeout 30 /var/lib/evenkeel/lock sh -ec '
mount -t tmpfs -o size=8m,mode=0750 small {ROOM}/disk
cp -a /var/lib/evenkeel/. {ROOM}/disk
mount --bind {ROOM}/disk /var/lib/evenkeel
cat /dev/zero >{ROOM}/disk/ballast 2>{ROOM}/said || grep -q "No space" {ROOM}/said'
"""
_EMPTY = f"""
rm -f {ROOM}/disk/ballast
exec flock --timeout 30 {ROOM}/disk/lock sh -ec '
umount --lazy /var/lib/evenkeel
cp -a {ROOM}/disk/. /var/lib/evenkeel
umount --lazy {ROOM}/disk'
"""
_BREAK = """
mkdir -p {room}
printf '<?php http_response_code(500); echo "rehearsed";' >{room}/failing.php
chmod 0644 {room}/failing.php
exec mount --bind {room}/failing.php {page}
"""


class NoSuchOrder(ValueError):
    """The fault is not one that a host can be told, or lacks what it is about."""


@dataclass(frozen=True)
class Orders:
    """Commands in the order in which they are run; an undo goes on past one that fails."""

    inject: Sequence[Argv]
    undo: Sequence[Argv]


@dataclass(frozen=True)
class Aim:
    """What a fault is about on this host: services, addresses that are cut off, a tenant's page."""

    units: Sequence[str] = ()
    addresses: Sequence[str] = ()
    page: str = ""


def orders(fault: str, aim: Aim) -> Orders:
    """NoSuchOrder when the aim lacks what the fault needs."""
    makers = {
        "web_killed": lambda: _killed(aim.units),
        "every_web_killed": lambda: _killed(aim.units),
        "balancer_killed": lambda: _killed(aim.units),
        "php_killed": lambda: _killed(aim.units),
        "web_hung": lambda: _hung(aim.units),
        "network_cut": lambda: _cut(aim.addresses),
        "both_masters": lambda: _cut(aim.addresses),
        "disk_full": lambda: Orders([["sh", "-ec", _FILL]], [["sh", "-ec", _EMPTY]]),
        "tenant_failing": lambda: _failing(aim.page),
    }
    if fault not in makers:
        raise NoSuchOrder("a host cannot be told to do %s" % fault)
    return makers[fault]()


def strike(made: Orders, undo_after_s: float) -> list[Argv]:
    """The commands that make a fault, after a timer that undoes it is running."""
    text = " ".join("%s || bad=1;" % shlex.join(argv) for argv in made.undo)
    timer = ["--on-active=%ds" % max(1, round(undo_after_s)), "--timer-property=AccuracySec=100ms"]
    service = ["--property=Type=oneshot", "--property=TimeoutStartSec=60", "--description=Undo what a drill has done"]
    armed = ["systemd-run", "--quiet", "--collect", "--unit=" + UNIT, *timer, *service, "sh", "-c", "bad=0; %s exit $bad" % text]
    return [armed, *made.inject]


def lift() -> list[Argv]:
    """The commands that undo whatever fault is there; they fail when there is none."""
    return [["systemctl", "start", UNIT + ".service"], ["systemctl", "stop", UNIT + ".timer"]]


def _killed(units: Sequence[str]) -> Orders:
    """Stopped right after, so that systemd does not start it again: what is rehearsed is a host that stays dead."""
    names = _demand(units, "units")
    kill = ["systemctl", "kill", "--signal=SIGKILL", *names]
    return Orders([kill, ["systemctl", "stop", *names]], [["systemctl", "start", *names]])


def _hung(units: Sequence[str]) -> Orders:
    names = _demand(units, "units")
    return Orders([["systemctl", "kill", "--signal=SIGSTOP", *names]], [["systemctl", "kill", "--signal=SIGCONT", *names]])


def _cut(addresses: Sequence[str]) -> Orders:
    """Nothing is sent there any more. Routes need no firewall, and no firewall's reload takes them away."""
    names = _demand(addresses, "addresses")
    add = [["ip", "route", "add", "blackhole", address] for address in names]
    return Orders(add, [["ip", "route", "del", "blackhole", address] for address in names])


def _failing(page: str) -> Orders:
    _demand([page] if page else [], "page")
    script = _BREAK.format(room=ROOM, page=shlex.quote(page))
    return Orders([["sh", "-ec", script]], [["umount", "--lazy", page]])


def _demand(found: Sequence[str], what: str) -> list[str]:
    if not found:
        raise NoSuchOrder("the fault needs %s, and was given none" % what)
    return list(found)
