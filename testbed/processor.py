"""A slower processor for a host: hosts take time from each other and from whoever works beside them, unless all of them together
may have less than there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .errors import TestbedError
from .host import Host
from .podman import podman

# Where cgroup2 has no processors to give, as in its private namespace on hybrid machines, an older hierarchy has them.
HIERARCHY = Path("/sys/fs/cgroup/cpu")
PERIOD_US = 20_000  # short, so that a host is slow and does not stand still


def limit(host: Host, cpus: float) -> None:
    """At most `cpus` processors for all that runs on the host, until its power is cut; 0 is no limit."""
    if not HIERARCHY.is_dir():
        podman("update", f"--cpus={cpus or os.cpu_count()}", host.container)  # to it, 0 says nothing
        return
    try:
        limit_in_hierarchy(host, cpus)
    except OSError as error:
        raise TestbedError(f"Host {host.name} cannot get a slower processor: this machine's kernel says '{error}'.") from error


def limit_in_hierarchy(host: Host, cpus: float) -> None:
    group = HIERARCHY / host.container
    group.mkdir(exist_ok=True)
    write(group / "cpu.cfs_period_us", PERIOD_US)
    write(group / "cpu.cfs_quota_us", int(cpus * PERIOD_US) or -1)
    strangers = True
    while strangers:  # a process may have forked before it was moved
        members = set((group / "cgroup.procs").read_text(encoding="ascii").split())
        strangers = [pid for pid in processes(host) if pid not in members and move(group, pid)]


def processes(host: Host) -> Iterator[str]:
    """By the namespace that they share with the host's init."""
    init = podman("inspect", "--format", "{{.State.Pid}}", host.container).out.strip()
    namespace = Path(f"/proc/{init}/ns/pid").readlink()
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            if (proc / "ns/pid").readlink() == namespace:
                yield proc.name
        except OSError:
            continue  # it ended while we looked


def move(group: Path, pid: str) -> bool:
    try:
        write(group / "cgroup.procs", pid)
    except OSError:
        return False  # it ended while we looked
    return True


def forget(host: Host) -> None:
    """What a removed host leaves behind."""
    group = HIERARCHY / host.container
    if group.exists():
        group.rmdir()


def write(path: Path, value: object) -> None:
    path.write_text(str(value), encoding="ascii")
