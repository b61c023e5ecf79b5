"""Take a web host out of a balancer and put it back: in every backend, in every process, and only after a passed check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Optional

from . import haproxy
from .disk import Disk
from .errors import EvenkeelError
from .haproxy import DRAIN, MAINT, READY, Cli, HaproxyRefused, ServerState
from .host import Clock

_POLL_S = 0.1

Late = Callable[[Sequence[ServerState]], Optional[str]]  # what is still to come of a server in its backends, or None


class ServerNotSettled(EvenkeelError):
    """HAProxy was told, but what was waited for did not happen in time."""


@dataclass(frozen=True)
class Switched:
    """What came of it: whether somebody was told, and how the server is in each backend now."""

    changed: bool
    servers: tuple[ServerState, ...]

    @property
    def sessions(self) -> int:
        return sum(server.sessions + server.queued for server in self.servers)


class Switch:
    """One balancer. `old` are processes of before a reload, which still send requests of visitors that they know."""

    def __init__(self, cli: Cli, old: Sequence[Cli], clock: Clock, state_file: Optional[str] = None) -> None:
        self._cli = cli
        self._old = old
        self._clock = clock
        self._state_file = state_file

    def all(self) -> list[ServerState]:
        """Every server of every backend."""
        return haproxy.servers(self._cli)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Requests answered by each server and how many of them failed, in the process that serves now."""
        return haproxy.counts(self._cli)

    def look(self, names: Sequence[str]) -> tuple[ServerState, ...]:
        """The servers in each backend; HaproxyRefused when no backend has one of them."""
        found = tuple(server for server in haproxy.servers(self._cli) if server.name in names)
        for name in names:
            if name not in {server.name for server in found}:
                raise HaproxyRefused("HAProxy says no to `%s`: no backend has a server of that name" % name)
        return found

    def bring(self, names: Sequence[str], wanted: str, wait_s: float, dry: bool = False) -> Switched:
        """Make the servers `drain`, `maint` or `ready`, and wait for what that means; ServerNotSettled when it does not come.

        `drain` and `maint` wait until the last session has ended, `ready` until a check has passed.
        """
        due = [server for server in self.look(names) if server.admin != wanted]
        if not dry:
            self.tell(due, wanted)
        now = self.look(names) if dry else self.settled(names, wanted, wait_s)
        return Switched(bool(due), now)

    def tell(self, due: Sequence[ServerState], wanted: str) -> None:
        """Every process of HAProxy, and the one that would start after a crash."""
        for server in due:
            haproxy.tell(self._cli, _command(server, wanted))
        if due:
            self._tell_old(due, wanted)
            self._keep()

    def _tell_old(self, due: Sequence[ServerState], wanted: str) -> None:
        """An old process may end while it is told, or not know the server: neither matters."""
        for cli in self._old:
            for server in due:
                try:
                    cli.ask("set server %s/%s state %s" % (server.backend, server.name, wanted))
                except HaproxyRefused:
                    break

    def _keep(self) -> None:
        """For a process that starts anew after a crash: it must not send visitors to a host that was taken out."""
        if self._state_file is not None:
            Disk().replace(self._state_file, haproxy.state_text(self._cli), 0o600)

    def settled(self, names: Sequence[str], wanted: str, wait_s: float) -> tuple[ServerState, ...]:
        """The servers, once what was wanted has come; ServerNotSettled after `wait_s` seconds."""
        return self._wait(names, wait_s, lambda now: self._late(now, wanted), "%s is " + wanted + ", but %s")

    def passing(self, names: Sequence[str], wait_s: float) -> tuple[ServerState, ...]:
        """The servers, drained or not, once they pass their checks; ServerNotSettled after `wait_s` seconds."""
        return self._wait(names, wait_s, _sick, "%s does not pass this balancer's check: %s")

    def _wait(self, names: Sequence[str], wait_s: float, late: Late, text: str) -> tuple[ServerState, ...]:
        """Until `late` finds nothing to wait for in any server; `text` takes the server's name and what it found."""
        end = self._clock.monotonic() + wait_s
        while True:
            now = self.look(names)
            found = {name: late([server for server in now if server.name == name]) for name in names}
            told = [text % (name, what) + " after %g s" % wait_s for name, what in found.items() if what]
            if not told:
                return now
            if self._clock.monotonic() >= end:
                raise ServerNotSettled("; ".join(told))
            self._clock.sleep(_POLL_S)

    def _late(self, now: Sequence[ServerState], wanted: str) -> Optional[str]:
        """What is still to come, or None."""
        if wanted == READY:
            return _says([server for server in now if not server.up])
        names = {server.name for server in now}
        busy = sum(server.sessions + server.queued for server in now) + sum(_sessions(cli, names) for cli in self._old)
        return "still has %d requests under way" % busy if busy else None


def _sick(now: Sequence[ServerState]) -> Optional[str]:
    return _says([server for server in now if not server.well])


def _says(sick: Sequence[ServerState]) -> Optional[str]:
    return "; ".join("%s says %s %s" % (server.backend, server.status, server.check) for server in sick).strip() or None


def _command(server: ServerState, wanted: str) -> str:
    """Out of maintenance a server is up before its first check, unless it is called down in the same breath."""
    command = "set server %s/%s " % (server.backend, server.name)
    if wanted == READY and server.admin == MAINT and server.checked:
        return command + "state ready; " + command + "health down"
    return command + "state " + wanted


def _sessions(cli: Cli, names: set[str]) -> int:
    try:
        return sum(server.sessions + server.queued for server in haproxy.servers(cli) if server.name in names)
    except (HaproxyRefused, KeyError, ValueError):
        return 0


STATES = (READY, DRAIN, MAINT)
