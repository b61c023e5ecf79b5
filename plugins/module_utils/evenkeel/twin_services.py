"""Apache and PHP-FPM of the twin: their configuration tests, their start, and what they say when they do not."""

from __future__ import annotations

import glob
import grp
import os
import pwd
import select
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Callable, Optional

from . import apache_config, pools, twin_conf
from .apache_config import ApacheConfig
from .checks import check_apache, document_root_remarks
from .folders import FILE as FOLDERS
from .folders import check_folders
from .policy import check_policy
from .refusal import refusal
from .release import Release
from .twin_plan import TwinPlan
from .verdict import Failure
from .vhosts import check_vhosts

APACHE = "/usr/sbin/apache2"
_DUMPS = ("-D", "DUMP_VHOSTS", "-D", "DUMP_CONFIG", "-C", "LoadModule info_module /usr/lib/apache2/modules/mod_info.so")
_TEST_S = 20.0
_START_S = 30.0
_POLL_S = 0.01
_PART = 65536
# A configuration with one of these is not started: it would end at once, or run what it must not.
_FATAL = frozenset({"configtest", "listen", "certificate", "program", "logs", pools.GUARD})


@dataclass(frozen=True)
class _Server:
    """A program of the twin with the file that its complaints go to."""

    name: str
    process: subprocess.Popen[bytes]
    err: str

    def words(self) -> str:
        return _read(self.err)


class TwinServices:
    """The twin's servers. They are started inside its unit and end with it."""

    def __init__(self, folder: str, plan: TwinPlan, candidate: Release) -> None:
        self._folder = folder
        self._plan = plan
        self._candidate = candidate
        self._error_logs: set[str] = set()
        self._remarks: tuple[tuple[str, str], ...] = ()

    def read_configuration(self) -> list[Failure]:
        """What the configuration tests refuse, and what they overlook."""
        end = time.monotonic() + _TEST_S
        apache = self._open("Apache", [APACHE, "-t", *_DUMPS, "-f", twin_conf.ENTRY], "configtest", stdout=subprocess.PIPE)
        masters = [self._open("PHP-FPM " + version, [*_fpm(version, file), "-t"], "t") for version, file in self._tested()]
        beside = [*check_folders(_read(self._candidate.file(FOLDERS)), self._candidate.manifest)]
        beside += pools.check_pools(self._pools(), self._candidate.manifest)
        config = apache_config.parse(said(apache.process, end))  # while Apache writes it, in 175,000 pieces for 1,000 sites
        refused = [self._refusal(server, end) for server in (apache, *masters)]
        found = [failure for failure in refused if failure is not None]
        if refused[0] is None:
            found.extend(self._read_apache(config))
        return found + beside

    def _read_apache(self, config: ApacheConfig) -> Iterator[Failure]:
        """What Apache read is large, and is needed no more once the servers run."""
        manifest = self._candidate.manifest
        root = next((directive.first for directive in config.named("serverroot")), "/etc/apache2")
        self._error_logs = {os.path.join(root, directive.first) for directive in config.named("errorlog")}
        self._remarks = tuple(document_root_remarks(config, manifest))
        yield from check_apache(config, manifest, *twin_conf.listens(self._plan))
        yield from check_policy(config, manifest)
        yield from check_vhosts(config.vhosts, manifest, self._plan.port, self._more_ports(config))

    def _more_ports(self, config: ApacheConfig) -> set[str]:
        """Ports beside the main one on which the candidate listens."""
        listened = {directive.first.rpartition(":")[2] for directive in config.named("listen")}
        return listened - {str(self._plan.port)}

    @staticmethod
    def fatal(found: Iterable[Failure]) -> bool:
        return any(failure.guard in _FATAL for failure in found)

    def start(self) -> list[Failure]:
        """Start PHP, then Apache, and wait until they answer; what keeps them from it."""
        end = time.monotonic() + _START_S
        masters = [self._open("PHP-FPM " + version, _fpm(version, file), "start") for version, file in self._started()]
        trouble = self._await(masters, self._php_answers, end)
        if trouble is None:
            apache = self._open("Apache", [APACHE, "-DFOREGROUND", "-f", twin_conf.ENTRY], "start", twin_conf.WEB_USER)
            trouble = self._await([apache], self._apache_answers, end)
        return [] if trouble is None else [trouble]

    def error_logs(self) -> tuple[str, ...]:
        """Where this twin's errors are, as the host sees the files."""
        own = {self._folder + path[len("/var") :] for path in self._error_logs if path.startswith("/var/log/")}
        return tuple(sorted(own)) + tuple(self._php_logs())

    def remarks(self) -> tuple[tuple[str, str], ...]:
        return self._remarks

    def _php_logs(self) -> list[str]:
        return sorted(glob.glob(os.path.join(self._folder, "log", "*php*.log")))

    def _tested(self) -> list[tuple[str, str]]:
        """Every shared master as a whole, and the changed ones that serve one site."""
        shared = [(version, twin_conf.whole_master(version)) for version in self._candidate.manifest.php_versions]
        return shared + self._dedicated()

    def _started(self) -> list[tuple[str, str]]:
        parts = [(version, twin_conf.part_master(version)) for version in self._plan.pools]
        return parts + [(version, twin_conf.whole_master(version)) for version in self._plan.whole] + self._dedicated()

    def _dedicated(self) -> list[tuple[str, str]]:
        return [(path.split("/")[1], twin_conf.CURRENT + path) for path in self._plan.dedicated]

    def _pools(self) -> list[pools.PhpPool]:
        files = pools.pool_files(self._candidate.manifest)
        return [pool for file in files for pool in pools.parse(file, _read(self._candidate.file(file)))]

    def _open(
        self, name: str, command: Sequence[str], purpose: str, user: Optional[str] = None, stdout: Optional[int] = None
    ) -> _Server:
        """Its words go to files, or what it says on standard output to `stdout`."""
        stem = os.path.join(self._folder, "%s-%s-%d" % (purpose, name.split()[0].lower(), len(os.listdir(self._folder))))
        err = stem + ".err"
        with open(stem + ".out", "wb") as out, open(err, "wb") as stderr:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout,
                stderr=stderr,
                env=twin_conf.ENVIRONMENT,
                cwd="/",
                **_identity(user),
            )
        return _Server(name, process, err)

    def _refusal(self, server: _Server, end: float) -> Optional[Failure]:
        try:
            status = server.process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            server.process.kill()
            return Failure(None, "configtest", "%s did not read its configuration within %d s" % (server.name, _TEST_S))
        if status == 0:
            return None
        got = "%s refuses the configuration" % server.name
        return refusal("configtest", got, server.words(), self._candidate.manifest)

    def _await(self, servers: Sequence[_Server], answers: Callable[[], bool], end: float) -> Optional[Failure]:
        while not answers():
            ended = next((server for server in servers if server.process.poll() is not None), None)
            if ended is not None:
                return self._ended(ended)
            if time.monotonic() > end:
                names = " and ".join(server.name for server in servers)
                return self._failure("%s did not answer within %d s" % (names, _START_S), servers)
            time.sleep(_POLL_S)
        return None

    def _ended(self, server: _Server) -> Failure:
        return self._failure("%s does not start (exit status %d)" % (server.name, server.process.returncode), [server])

    def _failure(self, got: str, servers: Sequence[_Server]) -> Failure:
        logs = self._php_logs() if servers[0].name != "Apache" else glob.glob(os.path.join(self._folder, "log/apache2/*.log"))
        text = "\n".join([server.words() for server in servers] + [_read(log) for log in logs])
        return refusal("start", got, text, self._candidate.manifest)

    def _php_answers(self) -> bool:
        return all(_accepts(path) for path in self._plan.sockets)

    def _apache_answers(self) -> bool:
        """An answer, not an open port: Apache opens its ports before it knows whether it can start."""
        try:
            with socket.create_connection(("127.0.0.1", self._plan.port), timeout=1) as line:
                line.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
                return line.recv(5) == b"HTTP/"
        except OSError:
            return False


def said(process: subprocess.Popen[bytes], end: float) -> Iterator[str]:
    """The lines of a program's standard output as they come, until it closes that, or is as late as `end`.

    It is left open: who is late is ended for that, and not by what it writes next.
    """
    pipe: IO[bytes] = process.stdout  # type: ignore[assignment]
    rest = b""
    while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
        part = os.read(pipe.fileno(), _PART)
        if not part:
            break
        *lines, rest = (rest + part).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in lines)
    yield rest.decode("utf-8", "replace")


def _accepts(path: str) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(path)
        return True
    except OSError:
        return False


def _fpm(version: str, file: str) -> list[str]:
    return ["/usr/sbin/php-fpm" + version, "--nodaemonize", "--fpm-config", file]


def _identity(user: Optional[str]) -> dict[str, Any]:
    """Whom a program runs as: never root, where the candidate names programs to run."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    groups = [group.gr_gid for group in grp.getgrall() if user in group.gr_mem]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(1 << 25)
    except OSError:
        return ""
