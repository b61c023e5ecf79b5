"""One playbook run, measured from outside: time, processor, memory, bytes, and what visitors noticed."""

from __future__ import annotations

import json
import os
import re
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import bed
from .memory import PAUSE_S, Peaks, by_descent

_COUNTERS = "cat /sys/fs/cgroup/cpu.stat; grep eth0 /proc/net/dev"
_TASK = re.compile(r"^(?P<name>.+?) -{2,} *(?P<seconds>\d+\.\d+)s$", re.MULTILINE)
_LIMIT_S = 1800


@dataclass
class Run:
    """What one run cost. Seconds, bytes and MiB; processor time and bytes are sums over the hosts."""

    status: int
    wall_s: float
    controller_cpu_s: float
    host_cpu_s: float
    bytes_sent: int
    memory_mb: dict[str, float] = field(default_factory=dict)
    tasks_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Counters:
    cpu_s: float
    received: int


def run(command: Sequence[str], environment: Mapping[str, str], hosts: Sequence[str], log: Path, observe: bool = False) -> Run:
    """Run `command`; with `observe` also look at memory and tasks, which costs a little time itself."""
    extra = {"ANSIBLE_CALLBACKS_ENABLED": "ansible.posix.profile_tasks", "PROFILE_TASKS_TASK_OUTPUT_LIMIT": "all"}
    environment = {**environment, **(extra if observe else {})}
    samplers = [Sampler(host) for host in hosts] if observe else []
    before = [counters(host) for host in hosts]
    found = _timed(command, environment, log, observe)
    after = [counters(host) for host in hosts]
    found.host_cpu_s = round(sum(b.cpu_s - a.cpu_s for a, b in zip(before, after, strict=True)), 2)
    found.bytes_sent = sum(b.received - a.received for a, b in zip(before, after, strict=True))
    if observe:
        on_hosts = [sampler.stop() for sampler in samplers]
        for name in sorted({name for peaks in on_hosts for name in peaks}):
            found.memory_mb["host_" + name] = max(peaks.get(name, 0.0) for peaks in on_hosts)
    return found


def _timed(command: Sequence[str], environment: Mapping[str, str], log: Path, observe: bool) -> Run:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w+", encoding="utf-8") as out:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        process = subprocess.Popen(
            list(command),
            cwd=bed.CHECKOUT,
            env={**_persons(os.environ), **environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        peaks = Peaks(by_descent(process.pid), PAUSE_S).start() if observe else None
        status = process.wait(_LIMIT_S)
        wall = time.monotonic() - began
        memory = peaks.stop() if peaks else {}
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        out.seek(0)
        tasks = {match["name"].strip(): float(match["seconds"]) for match in _TASK.finditer(out.read())} if observe else {}
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return Run(status, round(wall, 2), round(cpu, 2), 0.0, 0, {k: v for k, v in memory.items() if k == "controller"}, tasks)


def _persons(environment: Mapping[str, str]) -> dict[str, str]:
    """As a person has it who types the command: `make` forbids Python to keep bytecode."""
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def counters(host: str) -> Counters:
    """Processor time of everything on a host, and bytes that came in, since it started."""
    words = [line.split() for line in bed.on(host, _COUNTERS).splitlines()]
    usage = next(int(line[1]) for line in words if line[0] == "usage_usec")
    received = next(int(line[1]) for line in words if line[0] == "eth0:")
    return Counters(usage / 1e6, received)


class Sampler:
    """`memory.py`, running on a host."""

    def __init__(self, host: str) -> None:
        program = (bed.CHECKOUT / "bench/memory.py").read_bytes()
        bed.on(host, "cat > /root/memory.py", program)
        command = [str(bed.TESTBED), "exec", host, "--", "sh", "-c", f"exec python3 /root/memory.py {PAUSE_S}"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "sampling":
            raise bed.BenchFailed(f"the memory sampler does not start on {host}: {shlex.join(command)}")

    def stop(self) -> dict[str, float]:
        out, _ = self._process.communicate()
        return {str(name): float(value) for name, value in json.loads(out).items()}


def ansible_playbook() -> str:
    return str(Path(sys.executable).with_name("ansible-playbook"))
