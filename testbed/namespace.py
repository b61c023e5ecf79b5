"""The mount namespace with cgroup2 on /sys/fs/cgroup, for machines that have something else there.

Podman keeps its network namespaces as mounts, so all beds of a machine share this one, and it stays for as long
as one of them has a host. The machine's own /sys/fs/cgroup is never touched.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import bed
from .command import environment, run
from .errors import TestbedError

HOLDER = bed.MACHINE / "namespace"  # "<pid> <start time>": a reused pid has another start time
RUNNING = bed.MACHINE / "running"
# Podman sees a reboot by what it keeps here being gone, and some machines keep /run on a disk: then it takes hosts that
# died with the machine for running ones, and fails over their networks. So a new namespace is a new boot. What runs, who
# has which address and which lock is kept in the others, whatever podman is told.
FORGOTTEN = (RUNNING, Path("/run/crun"), Path("/run/containers/networks"), Path("/dev/shm"))
HOLD = " && ".join([
    "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
    *(f"mkdir -p {path} && mount -t tmpfs -o mode=700 tmpfs {path}" for path in FORGOTTEN),
    "echo held && exec sleep infinity >/dev/null 2>&1"])


def prefix() -> list[str]:
    """What to put before a podman command so that it sees cgroup2."""
    if run(["stat", "-fc", "%T", "/sys/fs/cgroup"]).out.strip() == "cgroup2fs":
        return []
    with bed.machine_lock("namespace"):
        return ["nsenter", "-t", str(living() or begin()), "-m"]


def living() -> int | None:
    try:
        pid, started = HOLDER.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return int(pid) if start_time(int(pid)) == started else None


def begin() -> int:
    survivor = next(survivors(), None)
    if survivor:  # the holder was killed but hosts still run: their namespace is the one podman's networks are in
        return remember(hold(["nsenter", "-t", str(survivor), "-m", "sh", "-c", "echo held; exec sleep infinity >&2"]))
    return remember(hold(["unshare", "-m", "--propagation", "private", "sh", "-c", HOLD]))


def hold(argv: list[str]) -> int:
    holder = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              start_new_session=True, cwd="/", env=environment())
    assert holder.stdout
    if holder.stdout.readline().strip() != b"held":
        raise TestbedError("Cannot mount cgroup2 in a namespace of its own: hosts with systemd need a machine "
                           "(or a virtual machine) where root may mount, not a container.")
    return holder.pid


def remember(pid: int) -> int:
    HOLDER.write_text("%d %s\n" % (pid, start_time(pid)), encoding="ascii")
    return pid


def start_time(pid: int) -> str | None:
    """The kernel's start time of a process that runs; a dead one that nobody has collected yet has none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def survivors() -> Iterator[int]:
    """Monitors of running containers that live in another mount namespace than ours, with cgroup2 in it."""
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            if (proc / "comm").read_text(encoding="utf-8").strip() == "conmon" and has_cgroup2(proc):
                yield int(proc.name)
        except OSError:
            continue  # it ended while we looked


def has_cgroup2(proc: Path) -> bool:
    mounts = (proc / "mounts").read_text(encoding="utf-8").splitlines()
    return any(line.split()[1:3] == ["/sys/fs/cgroup", "cgroup2"] for line in mounts)


def end() -> None:
    """Let the namespace go; the caller knows that no host is left in it."""
    with bed.machine_lock("namespace"):
        pid = living()
        if pid:
            os.kill(pid, signal.SIGTERM)
        HOLDER.unlink(missing_ok=True)
