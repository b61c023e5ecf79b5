"""A balancer as rollouts and people use it: its HAProxy, its memory of who gets no visitors, and who brings them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

from . import absence, haproxy
from .absence import Absence
from .haproxy import READY, ServerState, UnixCli, old_workers
from .host import Host
from .switch import Switch, Switched

UNIT = "evenkeel-return.service"
_POLL_S = 1.0


class Balancer:
    """This host's HAProxy. What is told is remembered first, so that a crash in between takes nobody back too early."""

    def __init__(self, host: Host, switch: Optional[Switch] = None) -> None:
        self._host = host
        self._switch = switch or _switch(host)

    def look(self, names: Optional[Sequence[str]] = None) -> tuple[ServerState, ...]:
        """Servers in each backend, all of them without names. HaproxyRefused when HAProxy does not answer or know one."""
        return tuple(self._switch.all()) if names is None else self._switch.look(names)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Requests answered by each server since HAProxy's last reload, and how many of them failed."""
        return self._switch.counts()

    def passing(self, names: Sequence[str], wait_s: float) -> tuple[ServerState, ...]:
        """The servers, once they pass their checks, drained or not; ServerNotSettled when they do not."""
        return self._switch.passing(names, wait_s)

    def take_out(self, names: Sequence[str], one: Absence, wait_s: float, dry: bool = False) -> Switched:
        """Send `names` no new visitors, and wait for those that are there; ServerNotSettled when they stay.

        With `one.until`, this balancer brings them back then, whatever becomes of its caller.
        """
        self._switch.look(names)
        if not dry:
            with absence.changing(self._host) as absent:
                absent.update(dict.fromkeys(names, one))
            if one.until is not None:
                start(self._host)
        return self._switch.bring(names, one.state, wait_s, dry)

    def put_back(self, names: Sequence[str], wait_s: float, dry: bool = False) -> Switched:
        """Send `names` visitors again, once they have passed a check; ServerNotSettled when they do not."""
        done = self._switch.bring(names, READY, wait_s, dry)
        if not dry:
            self._forget(names)
        return done

    def bring_back_overdue(self) -> None:
        """Those whose rollout has died. Drained hosts go on to be checked, so that a sick one gets none all the same."""
        names = absence.overdue(self._host)
        due = [server for server in self._switch.all() if server.name in names and server.admin != READY]
        self._switch.tell(due, READY)
        self._forget(names)

    def _forget(self, names: Iterable[str]) -> None:
        with absence.changing(self._host) as absent:
            for name in names:
                absent.pop(name, None)


def start(host: Host) -> None:
    """Have somebody bring back those whose rollout dies, also when there is no controller any more."""
    command = ["systemd-run", "--quiet", "--collect", "--unit=" + UNIT, "--property=Restart=on-failure"]
    command += ["--property=RestartSec=5", "--property=StartLimitIntervalSec=0", host.paths.command, "return"]
    host.disk.step("systemd-run", UNIT)
    if not host.programs.run(command).ok and not _runs(host):
        host.programs.run(command)  # it has ended in the very moment


def at_boot(host: Host) -> None:
    """Before HAProxy starts. OSError when the disk refuses."""
    absence.before_haproxy(host)
    if absence.any_timed(host):
        start(host)


def serve(host: Host) -> None:
    """What `start` starts: ends when nobody is to be brought back by itself any more."""
    while absence.any_timed(host):
        if absence.overdue(host):
            Balancer(host).bring_back_overdue()
        host.clock.sleep(_POLL_S)


def _runs(host: Host) -> bool:
    host.clock.sleep(_POLL_S / 4)
    return host.programs.run(["systemctl", "is-active", "--quiet", UNIT]).ok


def _switch(host: Host) -> Switch:
    at = host.paths.at
    return Switch(UnixCli(at(haproxy.SOCKET)), old_workers(at(haproxy.MASTER)), host.clock, at(haproxy.STATE))
