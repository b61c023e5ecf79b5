"""HAProxy of a balancer's twin: what its files say when they are tested, and its start. Runs inside the twin's unit."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence

from .edge_twin import EdgePlan
from .release import Release
from .spelling import CURRENT, spell
from .twin_plan import Report
from .verdict import Failure

_HAPROXY = ("/usr/sbin/haproxy", "-f", CURRENT + "haproxy/release.cfg", "-f", CURRENT + "haproxy/haproxy.cfg")
_KEEPALIVED = ("/usr/sbin/keepalived", "-t", "-f", CURRENT + "keepalived/keepalived.conf")
_MEMBER = re.compile(r"^@([\w.-]+)", re.MULTILINE)
_CALLED = "/etc/default/keepalived"
_OWN_NAME = re.compile(r"--config-id[ =]([\w.-]+)")
_ALERT = re.compile(r"^\[(?:ALERT|WARNING)\]\s+(?:\(\d+\) : )?(?:config : )?")
_SHOWN = 3
_TEST_S = 20.0
_START_S = 15.0
_POLL_S = 0.02


def run(folder: str, plan: EdgePlan, candidate: Release) -> Report:
    """Test all that balancers read, then start HAProxy from it."""
    found = _haproxy_test(plan) + _keepalived_tests(candidate)
    if found:
        return Report(False, tuple(found), ())
    trouble = _start(folder, plan)
    return Report(not trouble, tuple(trouble), ())


def _haproxy_test(plan: EdgePlan) -> list[Failure]:
    status, said = _said([*_HAPROXY, "-c"], _environment(plan))
    return [] if status == 0 else [Failure(None, "configtest", "HAProxy refuses the configuration", cause=_alerts(said))]


def _keepalived_tests(candidate: Release) -> list[Failure]:
    """As every balancer reads the file, because each has lines of its own."""
    path = candidate.file("keepalived/keepalived.conf")
    if not os.path.exists(path):
        return []
    return [failure for member in members(_text(path), _text(_CALLED)) for failure in _keepalived_test(member)]


def members(config: str, called: str) -> list[str]:
    """The names that the file speaks to, and that of this host's keepalived: without lines of its own it ends at a reload."""
    return sorted({*_MEMBER.findall(config), *_OWN_NAME.findall(called)})


def _text(path: str) -> str:
    """The file's text; empty when it is not there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def _keepalived_test(member: str) -> list[Failure]:
    status, said = _said([*_KEEPALIVED, "-i", member], {})
    lines = tuple(dict.fromkeys(spell(line) for line in said.splitlines() if line.strip()))
    got = "keepalived of %s refuses the configuration" % member
    return [] if status == 0 else [Failure(None, "configtest", got, cause=lines[:_SHOWN])]


def _said(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C", **environment},
            timeout=_TEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 124, "it did not read its configuration within %d s" % _TEST_S
    return done.returncode, done.stdout.decode("utf-8", "replace")


def _environment(plan: EdgePlan) -> dict[str, str]:
    ports = {"HTTP": plan.http, "HTTPS": plan.https, "METRICS": plan.metrics}
    return {"EVENKEEL_" + name: "127.0.0.1:%d" % port for name, port in ports.items()}


def _alerts(said: str) -> tuple[str, ...]:
    """What HAProxy stumbles over, before what it only frowns at."""
    told = sorted((line for line in said.splitlines() if _ALERT.match(line)), key=lambda line: not line.startswith("[ALERT]"))
    lines = [_ALERT.sub("", line) for line in told] or said.splitlines()
    return tuple(spell(line) for line in lines if line.strip())[:_SHOWN]


def _start(folder: str, plan: EdgePlan) -> list[Failure]:
    words = os.path.join(folder, "haproxy.out")
    with open(words, "wb") as stream:
        process = subprocess.Popen(
            [*_HAPROXY, "-db"], stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=_environment(plan), cwd="/"
        )
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        if _answers(plan.http):
            return []
        time.sleep(_POLL_S)
    with open(words, encoding="utf-8", errors="replace") as said:
        return [Failure(None, "start", "HAProxy does not start", cause=_alerts(said.read()))]


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
            return line.recv(5) == b"HTTP/"
    except OSError:
        return False
