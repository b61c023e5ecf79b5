"""HAProxy at run time: asked and told over its socket, the processes that finish after a reload included."""

from __future__ import annotations

import csv
import re
import socket
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Optional, Protocol

from .errors import EvenkeelError

SOCKET = "/run/haproxy/admin.sock"
MASTER = "/run/haproxy-master.sock"
STATE = "/run/haproxy/servers.state"

READY = "ready"
DRAIN = "drain"
MAINT = "maint"

_TIMEOUT_S = 5.0
_MAINT_FLAGS = 0x01 | 0x02 | 0x04 | 0x20  # forced, inherited, from the file, by DNS: management.txt, "show servers state"
_MAINT_BY_FILE = 0x04
_DRAIN_BY_HAND = 0x08
_DRAIN_FLAGS = _DRAIN_BY_HAND | 0x10
_ANSWERS = ("1xx", "2xx", "3xx", "4xx", "5xx", "other")
_CHECK_CONFIGURED = 0x02
_MASTER_LINE = re.compile(r"^\d+\s+master\s+(\d+)\s+\[failed: (\d+)\]", re.MULTILINE)
_BACKEND = re.compile(r"backend (\S+)\s*$")
_SERVER = re.compile(r"\s+server (\S+) (\S+):(\d+)\b")
_STATE_FIELDS = (
    "be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change"
    " srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn"
    " srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port"
).split()
_OLD_WORKER = re.compile(r"^(\d+)\s+worker\b", re.MULTILINE)


class HaproxyRefused(EvenkeelError):
    """HAProxy does not answer, or says no."""


@dataclass(frozen=True)
class Reloads:
    """How often the master was told to reload, and how often in a row it could not."""

    count: int
    failed: int


class Cli(Protocol):
    """One process of HAProxy."""

    def ask(self, command: str) -> str: ...


@dataclass(frozen=True)
class ServerState:
    """One server line of one backend. `admin` is what people asked for, `status` what came of it, as `show stat` spells it."""

    backend: str
    name: str
    admin: str
    status: str
    sessions: int
    queued: int
    check: str  # such as L7OK; empty where nothing was checked yet
    checked: bool  # whether the backend checks at all
    backup: bool  # gets visitors only when no active server is well
    address: str = ""
    port: int = 0
    weight: int = 1  # as the file says; 0 sends nobody there
    stopped_by_file: bool = False

    @property
    def up(self) -> bool:
        return self.status.startswith("UP") or (not self.checked and self.status == "no check")

    @property
    def well(self) -> bool:
        """Whether it passes its check, be it drained or not: HAProxy calls a drained server that does not DOWN."""
        return self.up or self.status.startswith("DRAIN")


class UnixCli:
    """The socket of the process that serves now; with `worker`, another one's by way of the master."""

    def __init__(self, path: str = SOCKET, worker: Optional[int] = None) -> None:
        self._path = path
        self._prefix = "" if worker is None else "@!%d " % worker

    def ask(self, command: str) -> str:
        """The answer to one command, or to several with `;` between them; HaproxyRefused when there is none."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(_TIMEOUT_S)
                line.connect(self._path)
                line.sendall((self._prefix + command + "\n").encode())
                line.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: line.recv(65536), b"")).decode("utf-8", "replace").strip("\n")
        except OSError as error:
            why = error.strerror or str(error)
            raise HaproxyRefused("HAProxy does not answer on %s (%s); is haproxy.service up?" % (self._path, why)) from error


def old_workers(master: str = MASTER) -> list[UnixCli]:
    """Processes of before the last reload that still finish something; none where there is no master."""
    try:
        text = UnixCli(master).ask("show proc")
    except HaproxyRefused:
        return []
    _, _, old = text.partition("# old workers")
    return [UnixCli(master, int(pid)) for pid in _OLD_WORKER.findall(old.partition("# programs")[0])]


def reloads(master: Cli) -> Optional[Reloads]:
    """What the master says of its reloads; None while it executes itself anew, or when it does not run."""
    try:
        found = _MASTER_LINE.search(master.ask("show proc"))
    except HaproxyRefused:
        return None
    return Reloads(int(found[1]), int(found[2])) if found else None


def servers_or_none(cli: Cli) -> list[ServerState]:
    """The same; none where HAProxy does not answer."""
    try:
        return servers(cli)
    except HaproxyRefused:
        return []


def servers(cli: Cli) -> list[ServerState]:
    """Every server of every backend, in the file's order."""
    states = {(row["be_name"], row["srv_name"]): row for row in _state_rows(cli)}
    found = [(row, states.get((row["pxname"], row["svname"]))) for row in _stat_rows(cli)]
    return [_server(row, state) for row, state in found if state is not None]


def counts(cli: Cli) -> dict[str, tuple[int, int]]:
    """For each server how many requests it answered since HAProxy's last reload, and how many of them with 5xx or not at all."""
    found: dict[str, tuple[int, int]] = {}
    for row in _stat_rows(cli):
        if row["svname"] not in ("FRONTEND", "BACKEND"):
            answered, silent = sum(_number(row, "hrsp_" + kind) for kind in _ANSWERS), _number(row, "eresp")
            asked, failed = found.get(row["svname"], (0, 0))
            found[row["svname"]] = (asked + answered + silent, failed + _number(row, "hrsp_5xx") + silent)
    return found


def _number(row: dict[str, str], name: str) -> int:
    return int(row.get(name) or 0)


def tell(cli: Cli, command: str) -> None:
    """A command that answers nothing when it worked; HaproxyRefused with HAProxy's own words otherwise."""
    said = cli.ask(command)
    if said.strip():
        raise HaproxyRefused("HAProxy says no to `%s`: %s" % (command, " ".join(said.split())))


def state_text(cli: Cli) -> bytes:
    """What the state file must hold for the next process to go on as this one."""
    text = cli.ask("show servers state")
    if not text.startswith("1\n"):
        raise HaproxyRefused("HAProxy's answer to `show servers state` is of an unknown form: %s" % text[:80])
    return (text.rstrip("\n") + "\n").encode()


def state_for(config: str, now: bytes) -> bytes:
    """The state file for a process that reads `config`, out of what the process before it said.

    HAProxy takes a server's port from the state file, so it must be the new one. A server that joins others begins drained,
    and down where it is checked: it would get visitors before anybody has seen it serve them (`init-state` came with 3.1).
    In a backend that is new itself they begin as HAProxy has them, up: nobody else could serve its visitors.
    """
    lines = now.decode().splitlines()
    header = next(line for line in lines if line.startswith("# "))
    names = header[2:].split()
    known = {(row["be_name"], row["srv_name"]): row for row in _rows(lines, names)}
    backends = {backend for backend, _ in known}
    told = [one for one in _configured(config) if one.backend in backends]
    rows = [{**(known.get((one.backend, one.name)) or one.joining(names)), "srv_port": one.port} for one in told]
    return "\n".join(["1", header, *(" ".join(row[name] for name in names) for row in rows), ""]).encode()


def joining(config: str, now: bytes) -> set[str]:
    """Servers that `state_for` lets begin drained, because they join others."""
    lines = now.decode().splitlines()
    header = next(line for line in lines if line.startswith("# "))
    rows = list(_rows(lines, header[2:].split()))
    known, backends = {(row["be_name"], row["srv_name"]) for row in rows}, {row["be_name"] for row in rows}
    return {one.name for one in _configured(config) if one.backend in backends and (one.backend, one.name) not in known}


def named(config: str) -> set[str]:
    """Every server of a configuration."""
    return {one.name for one in _configured(config)}


def state_without(config: str, names: Container[str]) -> bytes:
    """The state file for a first process that reads `config` and must not send visitors to the servers called `names`."""
    out = [one for one in _configured(config) if one.name in names]
    rows = [dict(one.joining(_STATE_FIELDS), srv_port=one.port) for one in out]
    lines = (" ".join(row[name] for name in _STATE_FIELDS) for row in rows)
    return "\n".join(["1", "# " + " ".join(_STATE_FIELDS), *lines, ""]).encode()


@dataclass(frozen=True)
class _Configured:
    """One server line of a configuration."""

    backend: str
    name: str
    address: str
    port: str
    checked: bool

    def joining(self, names: list[str]) -> dict[str, str]:
        """A row of the state file for a server that is new. One that is not checked would stay down, so it is only drained."""
        said = {"be_id": "0", "be_name": self.backend, "srv_id": "0", "srv_name": self.name, "srv_addr": self.address}
        said.update(srv_uweight="1", srv_iweight="1", srv_fqdn="-", srvrecord="-", srv_check_addr="-", srv_agent_addr="-")
        said.update(srv_op_state="2", srv_admin_state=str(_DRAIN_BY_HAND))
        if self.checked:
            said.update(srv_op_state="0", srv_check_state="6", srv_check_status="1")
        return {name: said.get(name, "0") for name in names}


def _configured(config: str) -> Iterator[_Configured]:
    backend, checked = "", False
    for line in config.splitlines():
        begins, server = _BACKEND.match(line), _SERVER.match(line)
        if begins:
            backend, checked = begins[1], False
        elif line.strip().startswith("option httpchk"):
            checked = True
        elif server and backend:
            yield _Configured(backend, server[1], server[2], server[3], checked)


def _server(row: dict[str, str], state: dict[str, str]) -> ServerState:
    flags = int(state["srv_admin_state"])
    return ServerState(
        backend=row["pxname"],
        name=row["svname"],
        admin=MAINT if flags & _MAINT_FLAGS else DRAIN if flags & _DRAIN_FLAGS else READY,
        status=row["status"],
        sessions=int(row["scur"] or 0),
        queued=int(row["qcur"] or 0),
        check=re.sub(r"^\* ", "", row["check_status"]),
        checked=bool(int(state["srv_check_state"]) & _CHECK_CONFIGURED),
        backup=row["bck"] == "1",
        address=state["srv_addr"],
        port=int(state["srv_port"]),
        weight=int(state["srv_iweight"]),
        stopped_by_file=bool(flags & _MAINT_BY_FILE),
    )


def _stat_rows(cli: Cli) -> Iterator[dict[str, str]]:
    lines = cli.ask("show stat -1 4 -1").lstrip("# ").splitlines()
    yield from csv.DictReader(line for line in lines if line.strip())


def _state_rows(cli: Cli) -> Iterator[dict[str, str]]:
    lines = state_text(cli).decode().splitlines()
    header = next((line for line in lines if line.startswith("# ")), "")
    yield from _rows(lines, header[2:].split())


def _rows(lines: list[str], names: list[str]) -> Iterator[dict[str, str]]:
    for line in lines[1:]:
        if line.strip() and not line.startswith("#"):
            yield dict(zip(names, line.split()))
